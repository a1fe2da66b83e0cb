# Echo server on gevent; prints its port as JSON.
import json
import resource
import socket

from gevent.server import StreamServer


def handle(sock, _address):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        data = sock.recv(4096)
        if not data:
            break
        sock.sendall(data)


# Node and Go do this by themselves.
_soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

server = StreamServer(("127.0.0.1", 0), handle, backlog=511)
server.start()
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()

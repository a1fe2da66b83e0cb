# Echo server on eventlet; prints its port as JSON.
import json
import resource
import socket

import eventlet


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

server = eventlet.listen(("127.0.0.1", 0), backlog=511)
print(json.dumps({"port": server.getsockname()[1]}), flush=True)
eventlet.serve(server, handle, concurrency=20000)

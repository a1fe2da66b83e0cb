# Echo server for WebSockets on eventlet; prints its port as JSON.
import json
import socket

import eventlet
import eventlet.websocket
import eventlet.wsgi


@eventlet.websocket.WebSocketWSGI
def handle(ws):
    while True:
        message = ws.wait()
        if message is None:
            break
        ws.send(message)


listener = eventlet.listen(("127.0.0.1", 0), backlog=2048)
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
eventlet.wsgi.server(listener, handle, log_output=False, max_size=20000)

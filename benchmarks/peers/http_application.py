# The WSGI applications that both Python servers serve.
import json
import socket


def hello(_environ, start_response):
    body = b"Hello, world!\n"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def echo(environ, start_response):
    # A body in chunks has no length; both servers end such a stream by themselves.
    length = environ.get("CONTENT_LENGTH")
    text = environ["wsgi.input"].read(int(length) if length else -1)
    body = json.dumps(json.loads(text), separators=(",", ":")).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


applications = {"hello": hello, "echo": echo}


def prepare(listener):
    """No delay on what is accepted from it, which Linux makes take after it."""
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)

# <workload>: HTTP server on gevent.pywsgi; prints its port as JSON.
import sys

from gevent.pywsgi import WSGIServer

from http_application import applications, prepare

server = WSGIServer(("127.0.0.1", 0), applications[sys.argv[1]], log=None, backlog=2048)
server.init_socket()
prepare(server.socket)
server.serve_forever()

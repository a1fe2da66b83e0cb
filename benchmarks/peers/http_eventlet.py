# <workload>: HTTP server on eventlet.wsgi; prints its port as JSON.
import sys

import eventlet
import eventlet.wsgi

from http_application import applications, prepare

listener = eventlet.listen(("127.0.0.1", 0), backlog=2048)
prepare(listener)
eventlet.wsgi.server(listener, applications[sys.argv[1]], log_output=False, max_size=4096)

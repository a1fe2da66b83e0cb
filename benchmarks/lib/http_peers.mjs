// Who takes part in `http`: how each server is started. `server(load)` is what withServer takes; each is told what to serve.
import { entryOf } from './bench.mjs';
import { compileGo } from './compiled.mjs';
import { needs } from './peers.mjs';
import { serverInPython, serverOnNode } from './serving.mjs';

export const names = {
  plain: 'node:http',
  node: 'verdant/http, hub node',
  epoll: 'verdant/http, hub epoll',
  handler: 'greenHandler',
};

// What waits in a handler is measured beside node:http alone.
const blocks = ({ workload }) => workload === 'block';

/** Servers on each Node. */
export function httpOnNode({ nodes, root }) {
  const { missing } = entryOf({ root }, 'http');
  const own = { ours: true, missing };
  return nodes.flatMap((node) => {
    const started =
      (program, ...options) =>
      ({ workload }) =>
        serverOnNode(root, node, program, workload, ...options);
    const fastify = started('http_fastify');
    return [
      { name: names.plain, node, server: started('http_node') },
      { name: 'Fastify', node, server: (load) => (blocks(load) ? undefined : fastify(load)) },
      { ...own, name: names.node, node, server: started('http_verdant', 'node') },
      { ...own, name: names.epoll, node, server: started('http_verdant', 'epoll') },
      { ...own, name: `${names.epoll}, (req, res)`, node, server: started('http_verdant_shapes', 'epoll') },
      { ...own, name: names.handler, node, server: started('http_green_handler') },
    ];
  });
}

const inPython = (name, library, file) => ({
  name,
  missing: needs.python(library),
  server: (load) => (blocks(load) ? undefined : serverInPython(file, load.workload)),
});

/** Peers that do not run on Node. */
export const httpStrangers = () => [
  inPython('eventlet.wsgi', 'eventlet', 'http_eventlet.py'),
  inPython('gevent.pywsgi', 'gevent', 'http_gevent.py'),
  {
    name: 'Go net/http',
    missing: needs.go(),
    server: async (load) => {
      if (blocks(load)) return undefined;
      return { command: await compileGo('http_server'), args: [load.workload], env: { GOMAXPROCS: '1' } };
    },
  },
];

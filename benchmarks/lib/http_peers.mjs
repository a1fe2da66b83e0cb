// Who takes part in `http`: how each server is started. Each is told what to serve.
import { at } from '../../scripts/lib/paths.mjs';
import { httpGo } from './compiled.mjs';

// Debian's own: another python3 may come first in PATH, without its packages.
const python = '/usr/bin/python3';

const onNode = ({ bin, version }, name, program, ...options) => ({
  name: `${version} ${name}`,
  start: (workload) => ({ command: bin, args: [at('benchmarks/programs', `${program}.cjs`), workload, ...options] }),
});

const inPython = (name, file) => ({
  name,
  start: (workload) => ({
    command: python,
    args: [at('benchmarks/peers', file), workload],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  }),
});

/** Servers on one Node, by the workloads that they are asked for; what they are compared with comes first. */
export function onEachNode(node) {
  const plain = onNode(node, 'node:http', 'http_node');
  const own = [
    onNode(node, 'verdant/http, hub node', 'http_verdant', 'node'),
    onNode(node, 'verdant/http, hub epoll', 'http_verdant', 'epoll'),
    onNode(node, 'verdant/http, hub epoll, (req, res)', 'http_verdant_shapes', 'epoll'),
    onNode(node, 'greenHandler', 'http_green_handler'),
  ];
  const quick = [plain, onNode(node, 'Fastify', 'http_fastify'), ...own];
  return { hello: quick, echo: quick, block: [plain, ...own] };
}

/** Peers that do not run on Node: they take no part in `block`. */
export async function strangers() {
  const go = await httpGo();
  const all = [
    inPython('eventlet.wsgi', 'http_eventlet.py'),
    inPython('gevent.pywsgi', 'http_gevent.py'),
    { name: 'Go net/http', start: (workload) => ({ command: go, args: [workload], env: { GOMAXPROCS: '1' } }) },
  ];
  return { hello: all, echo: all, block: [] };
}

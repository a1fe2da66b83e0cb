// Who takes part in `echo` and `idle`: how each server is started.
import { compileGo, echoBare } from './compiled.mjs';
import { needs } from './peers.mjs';
import { serverInPython, serverOnNode } from './serving.mjs';

/** verdant on each hub, and node:net: `{ name, node, ours, server() }`, where server() is what withServer takes. */
export const echoOnNode = ({ nodes, root }) =>
  nodes.flatMap((node) => [
    ...['node', 'epoll'].map((hub) => ({
      name: `verdant/${hub}`,
      node,
      ours: true,
      server: () => serverOnNode(root, node, 'echo_verdant', hub),
    })),
    { name: 'node:net', node, server: () => serverOnNode(root, node, 'echo_net') },
  ]);

/** Peers that do not run on Node. */
export const echoStrangers = () => [
  ...['eventlet', 'gevent'].map((library) => ({
    name: library,
    missing: needs.python(library),
    server: () => serverInPython(`echo_${library}.py`),
  })),
  {
    name: 'Go',
    missing: needs.go(),
    server: async () => ({ command: await compileGo('echo'), args: [], env: { GOMAXPROCS: '1' } }),
  },
  {
    name: 'bare system calls',
    missing: needs.compiler(),
    server: async () => ({ command: await echoBare(), args: [] }),
  },
];

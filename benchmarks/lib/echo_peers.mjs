// Who takes part in `echo` and `idle`: how each server is started.
import { join } from 'node:path';
import { at } from '../../scripts/lib/paths.mjs';
import { compileGo, echoBare } from './compiled.mjs';
import { withServer } from './echo_run.mjs';
import { python } from './found.mjs';
import { needs } from './peers.mjs';

const onNode = (root, node, name, ...args) => ({
  command: node.bin,
  args: ['--expose-gc', join(root, 'benchmarks/programs', `${name}.cjs`), ...args],
});

const inPython = (library) => ({
  name: library,
  missing: needs.python(library),
  server: () => ({ command: python, args: [at(`benchmarks/peers/echo_${library}.py`)] }),
});

/** verdant on each hub, and node:net: `{ name, node, ours, server() }`, where server() is what withServer takes. */
export const echoOnNode = ({ nodes, root }) =>
  nodes.flatMap((node) => [
    ...['node', 'epoll'].map((hub) => ({
      name: `verdant/${hub}`,
      node,
      ours: true,
      server: () => onNode(root, node, 'echo_verdant', hub),
    })),
    { name: 'node:net', node, server: () => onNode(root, node, 'echo_net') },
  ]);

/** Peers that do not run on Node. */
export const echoStrangers = () => [
  inPython('eventlet'),
  inPython('gevent'),
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

/** The contender that measures, on each server started anew, what `use(server)` does for each of the loads. */
export const serving = (peers, loads, use) =>
  peers.map(({ server, ...peer }) => ({
    ...peer,
    async measure() {
      const figures = {};
      for (const load of loads) {
        const started = await server(load);
        if (started === undefined) continue; // takes no part in it
        Object.assign(figures, await withServer({ name: peer.name, ...started }, (running) => use(running, load)));
      }
      return figures;
    },
  }));

// Servers as contenders: how they are started, and how each is measured under each load.
import { join } from 'node:path';
import { at } from '../../scripts/lib/paths.mjs';
import { withServer } from './echo_run.mjs';
import { python } from './found.mjs';

/** What withServer takes, of one of programs/. */
export const serverOnNode = (root, node, name, ...args) => ({
  command: node.bin,
  args: ['--expose-gc', join(root, 'benchmarks/programs', `${name}.cjs`), ...args],
});

/** What withServer takes, of one of peers/ in Python. */
export const serverInPython = (file, ...args) => ({
  command: python,
  args: [at('benchmarks/peers', file), ...args],
  env: { PYTHONDONTWRITEBYTECODE: '1' },
});

/**
 * Contenders that measure, on a server started anew for each of the loads, what `use(server, load)` does; each load is a step
 * of its own. `server(load)` is what withServer takes, or undefined when the peer takes no part in that load.
 */
export const serving = (peers, loads, use) =>
  peers.map(({ server, ...peer }) => ({
    ...peer,
    steps: loads.length,
    async measure(step) {
      const started = await server(loads[step]);
      if (started === undefined) return {};
      return withServer({ name: peer.name, ...started }, (running) => use(running, loads[step]));
    },
  }));

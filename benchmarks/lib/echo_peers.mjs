// Who takes part in `echo` and `idle`: how each server is started.
import { at } from '../../scripts/lib/paths.mjs';
import { echoBare, echoGo } from './compiled.mjs';

// Debian's own: another python3 may come first in PATH, without its packages.
const python = '/usr/bin/python3';

const onNode = (node, name, ...args) => ({
  command: node.bin,
  args: ['--expose-gc', at('benchmarks/programs', `${name}.cjs`), ...args],
});

export const nodeNet = (node) => ({ name: `${node.version} node:net`, ...onNode(node, 'echo_net') });

export const verdant = (node, hub) => ({
  name: `${node.version} verdant/${hub}`,
  ...onNode(node, 'echo_verdant', hub),
});

/** Peers that do not run on Node. */
export async function strangers() {
  return [
    { name: 'eventlet', command: python, args: [at('benchmarks/peers/echo_eventlet.py')] },
    { name: 'gevent', command: python, args: [at('benchmarks/peers/echo_gevent.py')] },
    { name: 'Go', command: await echoGo(), args: [], env: { GOMAXPROCS: '1' } },
    { name: 'bare system calls', command: await echoBare(), args: [] },
  ];
}

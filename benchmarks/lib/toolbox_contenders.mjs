// Who does the work of `primitives` and `skynet`: the same programs, asked for other titles.
import { onEachNode, program } from './bench.mjs';
import { goPeer, npmPeer, pythonPeer } from './peers.mjs';

// With what they require: nothing is installed, so nothing is resolved.
const packages = {
  'async-mutex': ['async-mutex@0.5.0', 'tslib@2.8.1'],
  'p-limit': ['p-limit@6.2.0', 'yocto-queue@1.2.1'],
  'p-queue': ['p-queue@8.1.0', 'p-timeout@6.1.3', 'eventemitter3@5.0.1'],
};

const inAsync = (bench, name, who, folder, args) =>
  onEachNode(bench, name, (node) => program(bench, node, 'toolbox_async', [folder, who, ...args]));

async function packaged(bench, args) {
  const contenders = [];
  for (const [name, specs] of Object.entries(packages)) {
    const { missing, modules } = await npmPeer(...specs);
    contenders.push(...(missing ? [{ name, missing }] : inAsync(bench, name, name, modules, args)));
  }
  return contenders;
}

export async function toolboxContenders(bench, titles, { withPackages = false } = {}) {
  const args = [bench.size.scale, bench.size.milliseconds, ...titles];
  return [
    ...onEachNode(bench, 'verdant', (node) => program(bench, node, 'toolbox', args), { ours: true }),
    ...inAsync(bench, 'async/await', 'async', '.', args),
    ...(withPackages ? await packaged(bench, args) : []),
    pythonPeer('eventlet', 'toolbox_eventlet.py', args),
    pythonPeer('gevent', 'toolbox_gevent.py', args),
    goPeer('toolbox', args),
  ];
}

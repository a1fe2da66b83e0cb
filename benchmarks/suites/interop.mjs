import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onEachNode, program } from '../lib/bench.mjs';
import { fibersPeer, npmPeer } from '../lib/peers.mjs';

const [fromGreen, fromAsync] = ['Green code waits for async code', 'Async code waits for green code'];

const bridges = {
  'wait, settled': [fromGreen, 'wait(a resolved promise)'],
  'wait, pending': [fromGreen, 'wait(a promise resolved a microtask later)'],
  'wait, async function': [fromGreen, 'wait(asyncFunction())'],
  asyncToGreen: [fromGreen, 'asyncToGreen(fn)()'],
  blocking: [fromGreen, 'blocking(client).method()'],
  promiseToGreen: [fromGreen, 'promiseToGreen(promise).wait()'],
  once: [fromGreen, "once(emitter, 'event')"],
  iterate: [fromGreen, 'iterate(asyncIterable), an item'],
  'await thread': [fromAsync, 'await spawn(fn)'],
  greenToPromise: [fromAsync, 'await greenToPromise(spawn(fn))'],
  greenToAsync: [fromAsync, 'await greenToAsync(fn)()'],
  run: [fromAsync, 'await run(fn)'],
  asyncIterate: [fromAsync, 'asyncIterate(iterable), an item'],
};

/** deasync ships a binary for some majors only; for others it has to be compiled. */
function compilerFor({ version, bin }, name, modules) {
  if (name !== 'deasync') return undefined;
  const [major] = version.split('.');
  const folder = join(modules, 'deasync');
  const binaries = [`bin/${process.platform}-${process.arch}-node-${major}`, 'build/Release/deasync.node'];
  if (binaries.some((binary) => existsSync(join(folder, binary)))) return undefined;
  return `${bin} node_modules/node-gyp/bin/node-gyp.js rebuild --directory ${folder}`;
}

export const suite = {
  title: 'Bridges',
  about:
    'CPU time of one crossing in each direction; beside it, what async code does there, or what else blocks for a promise.',
  sizes: {
    full: { rounds: 5, samples: 3, milliseconds: 40 },
    quick: { rounds: 2, samples: 2, milliseconds: 10 },
    smoke: { rounds: 1, samples: 1, milliseconds: 1 },
  },
  figures: () =>
    Object.fromEntries(
      Object.entries(bridges).map(([id, [table, title]]) => [
        id,
        { title, table, column: title, unit: 'ns', headline: ['wait, async function', 'await thread'].includes(id) },
      ]),
    ),
  async contenders(bench) {
    const args = [bench.size.samples, bench.size.milliseconds];
    const packaged = async (name, specs) => {
      const { missing, modules } = await npmPeer(...specs);
      if (missing) return [{ name, missing }];
      return onEachNode(bench, name, (node) => program(bench, node, `interop_${name}`, [modules, ...args])).map(
        (each) => ({
          ...each,
          missing: compilerFor(each.node, name, modules),
        }),
      );
    };
    return [
      ...onEachNode(bench, 'verdant', (node) => program(bench, node, 'interop', args), { ours: true }),
      ...onEachNode(bench, 'async/await', (node) => program(bench, node, 'interop_async', args)),
      await fibersPeer('node-fibers', (node, path) =>
        program(bench, node, 'interop_fibers', [path, ...args], { flags: [] }),
      ),
      ...(await packaged('deasync', [
        'deasync@0.1.31',
        'bindings@1.5.0',
        'file-uri-to-path@1.0.0',
        'node-addon-api@1.7.2',
      ])),
      ...(await packaged('synckit', ['synckit@0.12.3', '@pkgr/core@0.3.6', '@dual-bundle/import-meta-resolve@4.2.1'])),
    ];
  },
};

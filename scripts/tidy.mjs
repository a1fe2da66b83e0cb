// npm run tidy: clang-tidy over the addon's sources, as many files at once as there are CPUs. The flags are those of the
// build (binding.gyp), so it needs no second configured build tree.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { buildAddonFor, runningNode } from './lib/addon.mjs';
import { needDebian } from './lib/debian.mjs';
import { nativeFiles } from './lib/native_files.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main, run } from './lib/run.mjs';

await main(async () => {
  await needDebian('lint');
  const flags = compilerFlags(await nodeHeaders());
  const files = nativeFiles('.cc').filter((file) => !file.startsWith(at('native/test')));
  const failed = [];
  const worker = async () => {
    for (let file = files.shift(); file; file = files.shift()) {
      const checked = file;
      await run('clang-tidy', ['--quiet', checked, '--', ...flags], { quiet: true }).catch(() => failed.push(checked));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failed.length > 0) throw new Failure(`clang-tidy: ${failed.join(', ')}`);
});

async function nodeHeaders() {
  const node = runningNode();
  if (node.nodedir) return join(node.nodedir, 'include/node');
  // node-gyp has downloaded them for the build and left a note where.
  await buildAddonFor(node);
  const note = readFileSync(at('build/config.gypi'), 'utf8').replace(/^#.*$/gm, '');
  return join(JSON.parse(note).variables.nodedir, 'include/node');
}

function compilerFlags(headers) {
  const require = createRequire(import.meta.url);
  const major = Number(/NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(join(headers, 'node_version.h'), 'utf8'))[1]);
  return [
    '-x',
    'c++',
    // As V8's own headers ask.
    major < 24 ? '-std=gnu++17' : '-std=gnu++20',
    '-fno-exceptions',
    '-fno-rtti',
    `-I${at('native')}`,
    `-isystem${headers}`,
    `-isystem${dirname(require.resolve('node-addon-api'))}`,
    '-DBUILDING_NODE_EXTENSION',
    '-DNODE_GYP_MODULE_NAME=verdant',
    '-DNAPI_VERSION=9',
    '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
    '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  ];
}

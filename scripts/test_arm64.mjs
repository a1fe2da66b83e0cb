// npm run test:arm64 -- [jest's arguments]: the addon cross-compiled for aarch64, the core tests and a short stress run
// under qemu's user-mode emulation.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { buildAddon } from './lib/addon.mjs';
import { needDebian } from './lib/debian.mjs';
import { fetchPackage } from './lib/fetch_package.mjs';
import { jest } from './lib/jest.mjs';
import { at, cache } from './lib/paths.mjs';
import { main, run, step } from './lib/run.mjs';

const major = 24;

await main(async (args) => {
  await needDebian('build', 'arm64');
  await step('build', build);
  const node = await step(`arm64 addon for Node ${major}`, () => buildAddon(major, 'arm64'));
  const bin = emulated(node.bin);
  const env = {
    VERDANT_TEST_SLOW: '1',
    VERDANT_EXEC_PATH: bin,
    NODE_OPTIONS: `--require=${at('scripts/lib/exec_path.cjs')}`,
    NODE_PATH: await foreignBinaries(node.arch),
  };
  const tests = args.length > 0 ? args : ['test/core'];
  await step(`jest on Node ${node.version} arm64`, () => jest(bin, ['--runInBand', ...tests], { env }));
  await step('stress', () => run(bin, ['--expose-gc', at('scripts/stress.mjs'), '--seconds', '10'], { env }));
});

/** A program that starts the foreign binary under qemu: what process.execPath can name. */
function emulated(bin) {
  const wrapper = join(cache, 'arm64', 'node');
  mkdirSync(join(cache, 'arm64'), { recursive: true });
  writeFileSync(wrapper, `#!/bin/sh\nexec qemu-aarch64-static '${bin}' "$@"\n`);
  chmodSync(wrapper, 0o755);
  return wrapper;
}

/** jest's resolver has one binary package per CPU, and npm installed the host's: fetch the other one beside it. */
async function foreignBinaries(arch) {
  const { version } = JSON.parse(readFileSync(at('node_modules/unrs-resolver/package.json'), 'utf8'));
  const name = `@unrs/resolver-binding-linux-${arch}-gnu`;
  const folder = join(cache, 'arm64', `unrs-resolver-${version}`);
  await fetchPackage(`${name}@${version}`, join(folder, name));
  return folder;
}

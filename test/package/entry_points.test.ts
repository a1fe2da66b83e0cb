// The package as its users load it: require and import, every entry of the exports map, nothing beside it.
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { version } from 'verdant';
import { expectOk } from '../support/children';

const root = join(__dirname, '../..');

interface Manifest {
  version: string;
  main: string;
  types: string;
  files: string[];
  exports: Record<string, string | { types: string; default: string }>;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const entries = Object.entries(manifest.exports);

test('version is that of package.json', () => {
  expect(version).toBe(manifest.version);
});

test('require() and import, with named imports, give the same functions, and they work together', async () => {
  await expectOk(__dirname, 'both_ways.mjs');
});

test('require() from CommonJS works in blocking style', async () => {
  await expectOk(__dirname, 'required.cjs');
});

test('only the entries of the exports map can be loaded', async () => {
  await expectOk(__dirname, 'only_exports.cjs');
});

test.each(entries)('%s of the exports map exists, with its types, and is published', (_name, target) => {
  const files = typeof target === 'string' ? [target] : [target.types, target.default];
  for (const file of files) {
    expect(existsSync(join(root, file))).toBe(true);
    const published = file === './package.json' || manifest.files.some((prefix) => file.startsWith(`./${prefix}/`));
    expect(published).toBe(true);
  }
});

test('main and types are those of the first entry', () => {
  expect(manifest.exports['.']).toEqual({ types: manifest.types, default: manifest.main });
});

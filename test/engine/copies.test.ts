// Pins: two copies of the package in one process work together if they are the same version; else the second is refused.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '../support/children';

const root = join(__dirname, '../..');

/** The built package, copied; with another version if one is given. */
function copy(to: string, version?: string): string {
  const addon = `build/Release/verdant-${process.platform}-${process.arch}-${process.versions.modules}.node`;
  mkdirSync(join(to, 'build/Release'), { recursive: true });
  for (const part of ['dist', 'package.json', addon]) cpSync(join(root, part), join(to, part), { recursive: true });
  if (version !== undefined) {
    const { version: real } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const file = join(to, 'dist/version.js');
    writeFileSync(file, readFileSync(file, 'utf8').replace(real, version));
  }
  return to;
}

describe('two copies of the package', () => {
  it('share green threads if they are of one version, and are refused with a code if not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verdant-copies-'));
    try {
      const args = [copy(join(folder, 'same')), copy(join(folder, 'other'), '9.9.9')];
      await expectOk(__dirname, 'two_copies.cjs', { args });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { statSync } from 'node:fs';
import { at } from './paths.mjs';
import { run } from './run.mjs';

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** `npm ci` when node_modules is missing, half installed or older than the lock file. */
export async function ensureInstalled() {
  // npm writes node_modules/.package-lock.json last: without it an installation was interrupted.
  if (modified(at('node_modules/.package-lock.json')) >= modified(at('package-lock.json'))) return;
  // No install script: it would build the addon, which build.mjs does with better knowledge of where headers lie.
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache } from './paths.mjs';
import { run } from './run.mjs';

/**
 * Unpacks one npm package into a folder, whatever platform it is made for (`npm install` would refuse a foreign one).
 * Nothing happens when the folder is there.
 */
export async function fetchPackage(spec, target) {
  if (existsSync(target)) return;
  console.log(`fetching ${spec}`);
  mkdirSync(dirname(target), { recursive: true });
  mkdirSync(cache, { recursive: true });
  // Appears under its final name complete or not at all, also when two scripts fetch it at once.
  const folder = mkdtempSync(join(cache, 'incoming-'));
  try {
    await run('npm', ['pack', spec, '--silent', '--pack-destination', folder], { quiet: true });
    const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    mkdirSync(join(folder, 'unpacked'));
    await run('tar', ['-xzf', join(folder, archive), '-C', join(folder, 'unpacked'), '--strip-components=1']);
    if (!existsSync(target)) renameSync(join(folder, 'unpacked'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

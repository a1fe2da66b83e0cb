// Another commit, built beside this one in .cache/compare/, with the benchmarks of this one: both do the same work.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { at, cache, root } from '../../scripts/lib/paths.mjs';
import { Failure, run } from '../../scripts/lib/run.mjs';

function commitOf(ref) {
  try {
    const args = ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    throw new Failure(`no such commit: '${ref}'`);
  }
}

/** Its files under their final name complete or not at all. */
async function unpack(commit, folder) {
  if (existsSync(folder)) return;
  const incoming = `${folder}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const archive = `${incoming}.tar`;
  await run('git', ['archive', '--output', archive, commit]);
  await run('tar', ['-xf', archive, '-C', incoming]);
  rmSync(archive);
  renameSync(incoming, folder);
}

/** Other dependencies than ours are installed, the same are shared. */
async function install(folder) {
  if (existsSync(join(folder, 'node_modules'))) return;
  const lock = (of) => readFileSync(join(of, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(root)) return symlinkSync(at('node_modules'), join(folder, 'node_modules'), 'dir');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
}

async function build(folder, nodes) {
  // Its own scripts know how. The Nodes that are here need not be fetched again.
  const script = `
    const { buildAddonFor } = await import('./scripts/lib/addon.mjs');
    const { buildTypeScript } = await import('./scripts/lib/typescript.mjs');
    for (const node of JSON.parse(process.argv[1])) await buildAddonFor(node);
    await buildTypeScript();`;
  await run(process.execPath, ['--input-type=module', '--eval', script, JSON.stringify(nodes)], { cwd: folder });
}

/** `{ root, commit }`, built for each of the Nodes. */
export async function otherCommit(ref, nodes) {
  const commit = commitOf(ref);
  const folder = join(cache, 'compare', commit);
  await unpack(commit, folder);
  await install(folder);
  await build(folder, nodes);
  rmSync(join(folder, 'benchmarks'), { recursive: true, force: true });
  cpSync(at('benchmarks'), join(folder, 'benchmarks'), { recursive: true });
  return { root: folder, commit };
}

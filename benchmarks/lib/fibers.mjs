import { join } from 'node:path';
import { fetchPackage } from '../../scripts/lib/fetch_package.mjs';
import { nodeBinary } from '../../scripts/lib/nodes.mjs';
import { cache } from '../../scripts/lib/paths.mjs';

/** The last Node that node-fibers runs on, and where its package lies (with the binary that it ships). */
export async function fibers() {
  const modules = join(cache, 'peers', 'node_modules');
  await fetchPackage('detect-libc@1.0.3', join(modules, 'detect-libc'));
  await fetchPackage('fibers@5.0.3', join(modules, 'fibers'));
  return { node: await nodeBinary(14), path: join(modules, 'fibers') };
}

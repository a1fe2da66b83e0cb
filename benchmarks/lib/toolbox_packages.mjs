import { join } from 'node:path';
import { fetchPackage } from '../../scripts/lib/fetch_package.mjs';
import { cache } from '../../scripts/lib/paths.mjs';

// With what they require: nothing is installed, so nothing is resolved.
const packages = [
  'async-mutex@0.5.0',
  'tslib@2.8.1',
  'p-limit@6.2.0',
  'yocto-queue@1.2.1',
  'p-queue@8.1.0',
  'p-timeout@6.1.3',
  'eventemitter3@5.0.1',
];

/** The folder in which the npm packages lie that async code uses for what verdant's primitives do. */
export async function toolboxPackages() {
  const modules = join(cache, 'peers', 'node_modules');
  for (const spec of packages) await fetchPackage(spec, join(modules, spec.split('@')[0]));
  return modules;
}

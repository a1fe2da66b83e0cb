// The Node versions that this repository is tested with, and the way to get them: npm's node-<platform>-<arch> packages
// carry both the binary and its headers.
import { join } from 'node:path';
import { fetchPackage } from './fetch_package.mjs';
import { cache } from './paths.mjs';
import { Failure } from './run.mjs';

/** The newest release of each supported major: the only place where they are written. */
export const versions = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };

export const majors = Object.keys(versions).map(Number);

/** Node 14 is here for comparisons only: the last major that node-fibers runs on. */
const peers = { 14: '14.21.3' };

/** Downloads on demand: `{ bin, nodedir, version, arch }` of one major, where nodedir/include/node has the headers. */
export async function nodeBinary(major, arch = process.arch) {
  const version = versions[major] ?? peers[major];
  if (!version) throw new Failure(`no version of Node ${major} is known, only ${majors.join(', ')}`);
  const nodedir = join(cache, 'nodes', `${version}-${process.platform}-${arch}`);
  await fetchPackage(`node-${process.platform}-${arch}@${version}`, nodedir);
  return { bin: join(nodedir, 'bin', 'node'), nodedir, version, arch };
}

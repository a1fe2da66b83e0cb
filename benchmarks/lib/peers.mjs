// Who else takes part, where it comes from, and what to say when it is not there. A peer that is missing is still a contender:
// its `missing` is the command that brings it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { at, cache } from '../../scripts/lib/paths.mjs';
import { fetchPackage } from '../../scripts/lib/fetch_package.mjs';
import { nodeBinary } from '../../scripts/lib/nodes.mjs';
import { answerOf } from './child.mjs';
import { compileGo } from './compiled.mjs';
import { inPath, python } from './found.mjs';

const modules = join(cache, 'peers', 'node_modules');
const debian = (name) => `sudo apt-get install ${name}`;

/** What has to be there for a peer, and undefined when it is. */
export const needs = {
  python: (library) =>
    existsSync(`/usr/lib/python3/dist-packages/${library}/__init__.py`) ? undefined : debian(`python3-${library}`),
  go: () => (inPath('go') ? undefined : debian('golang-go')),
  compiler: () => (inPath('g++') ? undefined : debian('g++')),
  wrk: () => (inPath('wrk') ? undefined : debian('wrk')),
};

/** Unpacks npm packages, with all that they require, beside each other; the command that would, when that fails. */
export async function npmPeer(...specs) {
  try {
    for (const spec of specs) await fetchPackage(spec, join(modules, spec.slice(0, spec.lastIndexOf('@'))));
    return { modules };
  } catch {
    return { missing: `npm install --prefix ${join('.cache', 'peers')} --ignore-scripts ${specs.join(' ')}` };
  }
}

/** node-fibers with the last Node that it runs on; its package ships a binary for it. */
export async function fibersPeer(name, measure) {
  const { missing } = await npmPeer('detect-libc@1.0.3', 'fibers@5.0.3');
  if (missing) return { name, missing };
  try {
    const node = await nodeBinary(14);
    return { name, measure: () => measure(node, join(modules, 'fibers')) };
  } catch {
    return { name, missing: `npm pack node-${process.platform}-${process.arch}@14.21.3` };
  }
}

/** A program of peers/ in Python, on one of Debian's libraries. */
export function pythonPeer(library, file, args, options) {
  const env = { PYTHONDONTWRITEBYTECODE: '1' };
  const words = [at('benchmarks/peers', file), ...args];
  return { name: library, missing: needs.python(library), measure: () => answerOf(python, words, { env, ...options }) };
}

/** A program of peers/ in Go, in one thread as the others. */
export function goPeer(file, args, options) {
  const measure = async () =>
    answerOf(await compileGo(file), args, { env: { GOMAXPROCS: '1' }, name: 'Go', ...options });
  return { name: 'Go', missing: needs.go(), measure };
}

// Programs in other languages, compiled when they are first needed or have changed, into .cache/benchmarks/.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { at, cache } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';

const products = join(cache, 'benchmarks');
const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

async function compiled(name, sources, compile) {
  const product = join(products, name);
  if (modified(product) > Math.max(...sources.map(modified))) return product;
  mkdirSync(products, { recursive: true });
  await compile(product);
  return product;
}

const cxx = (product, source) =>
  run('g++', ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-o', product, source]);

/** The load generator of load/, in C++. */
export function echoLoad() {
  const folder = at('benchmarks/load');
  const sources = readdirSync(folder).map((file) => join(folder, file));
  return compiled('echo_load', sources, (product) => cxx(product, join(folder, 'echo_load.cc')));
}

/** The echo server without a language around it. */
export function echoBare() {
  const source = at('benchmarks/peers/echo_bare.cc');
  return compiled('echo_bare', [source], (product) => cxx(product, source));
}

// One file of the standard library's making: no module, nothing from the network.
export function compileGo(name) {
  const source = at(`benchmarks/peers/${name}.go`);
  const env = { GO111MODULE: 'off', GOFLAGS: '', GOPROXY: 'off', GOCACHE: join(products, 'go') };
  return compiled(`${name}_go`, [source], (product) => run('go', ['build', '-o', product, source], { env }));
}

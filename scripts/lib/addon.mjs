// Builds the addon with node-gyp for any Node, each into a file of its own: never `rebuild` or `clean`, which would wipe
// the others.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { at } from './paths.mjs';
import { nodeBinary } from './nodes.mjs';
import { Failure, run } from './run.mjs';

/** The running Node, in the shape of nodeBinary(); nodedir is undefined when its headers do not lie beside it. */
export function runningNode() {
  const nodedir = dirname(dirname(process.execPath));
  const header = join(nodedir, 'include/node/node_version.h');
  const ours = existsSync(header) && headerVersion(header) === process.versions.node;
  return {
    bin: process.execPath,
    nodedir: ours ? nodedir : undefined,
    version: process.versions.node,
    arch: process.arch,
  };
}

/** Where lib/native.ts looks for the addon of this Node. */
export function addonPath(node) {
  return at(`build/Release/verdant-${process.platform}-${node.arch}-${abi(node)}.node`);
}

/** Builds the addon for a pinned major unless it is there and newer than its sources; resolves to that Node. */
export async function buildAddon(major, arch = process.arch) {
  const node = await nodeBinary(major, arch);
  await buildAddonFor(node);
  return node;
}

/** The same for any Node, such as the running one. */
export async function buildAddonFor(node) {
  const product = addonPath(node);
  if (modified(product) > newestSource()) return;
  const foreign = node.arch !== process.arch;
  const args = [at('node_modules/node-gyp/bin/node-gyp.js'), 'configure', 'build', '--loglevel=warn'];
  args.push(`--jobs=${availableParallelism()}`, `--arch=${node.arch}`);
  if (node.nodedir) args.push(`--nodedir=${node.nodedir}`);
  // node-gyp lets npm's environment overrule its arguments: another Node's headers would slip in.
  const unset = node.nodedir ? ['npm_config_nodedir'] : [];
  const env = foreign ? crossCompiler(node.arch) : {};
  await run(foreign ? process.execPath : node.bin, args, { env, unset });
  if (!existsSync(product)) throw new Failure(`node-gyp did not make ${product}`);
}

function crossCompiler(arch) {
  if (arch !== 'arm64') throw new Failure(`no cross compiler is known for ${arch}`);
  const [cc, cxx] = ['aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-g++'];
  return { CC: cc, CXX: cxx, LINK: cxx };
}

function abi(node) {
  if (node.bin === process.execPath) return process.versions.modules;
  if (!node.nodedir) return execFileSync(node.bin, ['-p', 'process.versions.modules'], { encoding: 'utf8' }).trim();
  const header = readFileSync(join(node.nodedir, 'include/node/node_version.h'), 'utf8');
  return /define NODE_MODULE_VERSION (\d+)/.exec(header)[1];
}

function headerVersion(header) {
  const text = readFileSync(header, 'utf8');
  return ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(`define NODE_${part}_VERSION (\\d+)`).exec(text)[1])
    .join('.');
}

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newestSource() {
  const sources = readdirSync(at('native'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !(entry.parentPath ?? entry.path).startsWith(at('native/test')))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Math.max(...[...sources, at('binding.gyp'), at('node_modules/node-addon-api/package.json')].map(modified));
}

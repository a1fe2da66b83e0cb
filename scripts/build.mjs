// npm run build: the addon for the running Node, and dist/. Works in a fresh clone where nothing is installed.
import { buildAddonFor, runningNode } from './lib/addon.mjs';
import { needDebian } from './lib/debian.mjs';
import { ensureInstalled } from './lib/dependencies.mjs';
import { main } from './lib/run.mjs';
import { buildTypeScript } from './lib/typescript.mjs';

export async function build() {
  await needDebian('build');
  await ensureInstalled();
  await buildAddonFor(runningNode());
  await buildTypeScript();
}

if (import.meta.filename === process.argv[1]) await main(build);

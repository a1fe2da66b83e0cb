// What has to be there before anything is measured.
import { buildAddon, buildAddonFor, runningNode } from '../../scripts/lib/addon.mjs';
import { buildTypeScript } from '../../scripts/lib/typescript.mjs';

/** Builds this checkout for the majors, or else for the running Node; the Nodes to measure on. */
export async function setUp(majors) {
  await buildTypeScript();
  const nodes = [];
  for (const major of majors) nodes.push(await buildAddon(major));
  if (nodes.length > 0) return nodes;
  const node = runningNode();
  await buildAddonFor(node);
  return [node];
}

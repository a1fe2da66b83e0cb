// node benchmarks/run.mjs <name> [--major M]... [--rounds N] [-- program's own arguments]: see README.md.
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildAddon, buildAddonFor, runningNode } from '../scripts/lib/addon.mjs';
import { at } from '../scripts/lib/paths.mjs';
import { Failure, main } from '../scripts/lib/run.mjs';
import { describeMachine } from './lib/machine.mjs';

const names = readdirSync(at('benchmarks'))
  .filter((file) => file.startsWith('bench_'))
  .map((file) => file.slice('bench_'.length, -'.mjs'.length));

await main(async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { major: { type: 'string', multiple: true, default: [] }, rounds: { type: 'string' } },
  });
  const [name, ...own] = positionals;
  if (!names.includes(name)) throw new Failure(`which one? ${names.join(', ')}`);
  const nodes = [];
  for (const major of values.major) nodes.push(await buildAddon(Number(major)));
  if (nodes.length === 0) {
    nodes.push(runningNode());
    await buildAddonFor(nodes[0]);
  }
  console.log(`${name}: ${describeMachine()}`);
  const { bench } = await import(`./bench_${name}.mjs`);
  await bench({ nodes, rounds: values.rounds === undefined ? undefined : Number(values.rounds), args: own });
});

// npm run test:matrix -- [majors] [--others]: the jest suite under each Node major, every one to its end, then a table.
// --others leaves out the running major, which `npm test` has covered.
import { build } from './build.mjs';
import { buildAddon } from './lib/addon.mjs';
import { jest } from './lib/jest.mjs';
import { majors } from './lib/nodes.mjs';
import { Failure, main, step } from './lib/run.mjs';

const running = Number(process.versions.node.split('.')[0]);

await main(async (args) => {
  const named = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const others = args.includes('--others');
  const passed = args.filter((arg) => !/^\d+$/.test(arg) && arg !== '--others');
  const chosen = named.length > 0 ? named : majors.filter((major) => !others || major !== running);

  await step('build', build);
  const rows = [];
  for (const major of chosen) rows.push(await oneMajor(major, passed));
  console.log();
  console.table(rows);
  const failed = rows.filter((row) => row.result !== 'ok').map((row) => row.major);
  if (failed.length > 0) throw new Failure(`the suite fails on Node ${failed.join(', ')}`);
});

async function oneMajor(major, jestArguments) {
  const start = performance.now();
  const row = { major, version: '', result: 'ok', seconds: 0 };
  try {
    const node = await step(`addon for Node ${major}`, () => buildAddon(major));
    row.version = node.version;
    await step(`jest on Node ${node.version}`, () => jest(node.bin, jestArguments));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    row.result = 'FAILED';
  }
  row.seconds = Math.round((performance.now() - start) / 1000);
  return row;
}

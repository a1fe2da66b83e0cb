// npm run demo: what a newcomer types first, so it installs and builds before it runs.
import { build } from './build.mjs';
import { at } from './lib/paths.mjs';
import { main, run } from './lib/run.mjs';

await main(async (args) => {
  await build();
  await run(process.execPath, [at('demo/demo.mjs'), ...args]);
});

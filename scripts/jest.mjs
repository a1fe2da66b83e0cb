// npm run test:jest -- [jest's arguments]: builds, then runs jest alone, for the daily loop.
import { build } from './build.mjs';
import { jest } from './lib/jest.mjs';
import { main } from './lib/run.mjs';

await main(async (args) => {
  await build();
  await jest(process.execPath, args);
});

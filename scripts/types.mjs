// npm run types: the library's own types, then the tests against the built declarations.
import { at } from './lib/paths.mjs';
import { main } from './lib/run.mjs';
import { tsc } from './lib/typescript.mjs';

await main(async () => {
  await tsc('--noEmit', '--project', at('tsconfig.json'));
  await tsc('--noEmit', '--project', at('test/tsconfig.json'));
});

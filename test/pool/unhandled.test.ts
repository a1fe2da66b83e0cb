// An error in a pool or group reaches exactly one place: who asks for it, else Node's policy for unhandled rejections.
import { join } from 'node:path';
import { expectOk } from '../support/children';

test.each([
  ['spawn', 1],
  ['spawnN', 1],
  ['inline', 1],
  ['inline, waited for', 0],
  ['imap', 0],
  ['pile', 0],
  ['dag', 0],
  ['group', 0],
  ['create', 0],
  ['min', 0],
  ['destroy', 1],
])('%s: unhandledRejection is emitted %d times', async (what, times) => {
  await expectOk(__dirname, 'unhandled_cases.cjs', { args: [what, String(times)], cwd: join(__dirname, '../..') });
});

// A failure surfaces exactly once: with whoever waits, else as an unhandled rejection. GreenExit never does.
import { join } from 'node:path';
import { expectOk, runChild } from '../support/children';

const scripts = join(__dirname, 'children');

test('a failure that nobody looks at ends the process as any unhandled rejection does', async () => {
  const result = await runChild(join(scripts, 'fails_alone.cjs'));
  expect(result).toMatchObject({ code: 1, signal: null, stdout: '' });
  expect(result.stderr).toContain('Error: nobody looks');
  expect(result.stderr).toContain('--- spawned at ---');
  expect(result.stderr.match(/Error: nobody looks/g)).toHaveLength(1);
});

test.each([
  ['spawn', 1],
  ['spawnN', 1],
  ['spawnAfter', 1],
  ['killed', 1],
  ['failing link', 1],
  ['link', 0],
  ['wait', 0],
  ['join', 0],
  ['joinAll', 0],
  ['await', 0],
  ['promise chain', 0],
  ['killed by default', 0],
  ['throws GreenExit', 0],
  ['spawnN that exits', 0],
  ['aborted', 0],
  ['late wait in time', 0],
])('%s: unhandledRejection is emitted %d times', async (what, times) => {
  await expectOk(__dirname, 'unhandled_cases.cjs', { args: [what, String(times)] });
});

test('a late wait() marks the rejection as handled', async () => {
  await expectOk(__dirname, 'late_wait.cjs');
});

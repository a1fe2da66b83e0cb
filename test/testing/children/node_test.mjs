import assert from 'node:assert';
import { after, before, run as runTests, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, sleep } from 'verdant';
import { trackLeaks, useVirtualClock } from 'verdant/testing';

if (process.env.NODE_TEST_CONTEXT === undefined) {
  const counts = { pass: 0, fail: 0 };
  const events = runTests({ files: [fileURLToPath(import.meta.url)] });
  events.on('test:pass', () => (counts.pass += 1));
  events.on('test:fail', (event) => {
    counts.fail += 1;
    console.log(event);
  });
  for await (const _event of events);
  assert.strictEqual(counts.fail, 0);
  assert.ok(counts.pass >= 1);
  console.log('ok');
} else {
  let clock, check;
  before(() => {
    clock = useVirtualClock();
    check = trackLeaks();
  });
  after(async () => {
    await check();
    clock.restore();
  });
  test('an hour passes', async () => {
    await run(() => sleep(3_600_000));
    assert.strictEqual(clock.now, 3_600_000);
  });
}

// A short run of the random fault test: whatever breaks, no byte is lost or out of order and nothing is left behind.
import { join } from 'node:path';
import { availableHubs } from 'verdant/hub';
import { runChild } from '../support/children';

test.each(availableHubs())('thousands of connections through a faulty proxy, hub %s', async (hub) => {
  const result = await runChild(join(__dirname, '../stress/net_program.cjs'), {
    flags: ['--expose-gc'],
    args: ['20260101', '2000', '10000', '20000'],
    env: { VERDANT_HUB: hub },
  });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '', timedOut: false });
  const counts = JSON.parse(result.stdout) as Record<string, number>;
  expect(counts).toMatchObject({ hub });
  // Each kind of outcome must have come about, or this tests nothing.
  for (const kind of ['whole', 'broken', 'bytes', 'kills', 'timeouts', 'aborts']) {
    expect([kind, counts[kind]]).toEqual([kind, expect.any(Number)]);
    expect(counts[kind]).toBeGreaterThan(0);
  }
});

// Timeout of a green thread that is busy: met at the next suspension, whether it computes or yields all the time.
import { run, sleep, Timeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { thrown } from './thrown';

function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('a Timeout that is up while the green thread computes is met at its next suspension', async () => {
  await run(() => {
    const seen: string[] = [];
    using timeout = new Timeout(1);
    compute(5);
    seen.push('computed');
    // Neither the timer nor this yield need Node's loop to come round more than once.
    expect(
      thrown(() => {
        sleep(0);
        seen.push('the hub has not looked at its timers yet');
        sleep(1000);
      }),
    ).toBe(timeout);
    expect(seen[0]).toBe('computed');
  });
});

test('a Timeout fires during a sleep(0) storm of its own green thread', async () => {
  await run(() => {
    using timeout = new Timeout(2);
    expect(
      thrown(() => {
        for (;;) sleep(0);
      }),
    ).toBe(timeout);
  });
});

test('a Timeout that is cancelled after it computed past it is never met', async () => {
  await run(() => {
    const timeout = new Timeout(1);
    compute(5);
    timeout.cancel();
    sleep(0);
    sleep(5);
  });
  expect(getHub().stats().timers).toBe(0);
});

// The order of a turn: timers, then calls, then green threads; ready green threads hand over to each other, oldest first.
import { run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { describeEveryHub } from '../support/every_hub';

describeEveryHub(() => {
  // A busy machine must not end a turn before its time.
  beforeEach(() => {
    getHub().switchInterval = 1_000;
  });

  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  test('a hundred green threads that yield take turns, round after round', async () => {
    const seen: number[] = [];
    const rounds = 5;
    await Promise.all(
      numbers(100).map((index) =>
        spawn(() => {
          for (let round = 0; round < rounds; round += 1) {
            seen.push(index);
            sleep(0);
          }
        }),
      ),
    );
    expect(seen).toEqual(numbers(rounds).flatMap(() => numbers(100)));
  });

  test('the order survives more switches than one turn may take', async () => {
    const seen: number[] = [];
    const threads = numbers(3000).map((index) =>
      spawn(() => {
        sleep(0);
        seen.push(index);
      }),
    );
    const turns = getHub().stats().turns;
    await Promise.all(threads);
    expect(seen).toEqual(numbers(3000));
    expect(getHub().stats().turns - turns).toBeGreaterThan(1);
  });

  test('a green thread woken by another one runs after those that were ready before', async () => {
    const seen: string[] = [];
    await run(() => {
      const woken = spawn(() => sleep(Infinity));
      sleep(0);
      spawn(() => seen.push('ready before'));
      woken.kill();
      woken.link(() => undefined);
      const after = spawn(() => seen.push(`ready after, ${woken.state}`));
      after.join();
    });
    expect(seen).toEqual(['ready before', 'ready after, killed']);
  });

  test('green threads hand over directly: one switch each, no way back to the hub in between', async () => {
    await run(() => {
      const { switches, turns } = getHub().stats();
      const other = spawn(() => {
        for (let round = 0; round < 20; round += 1) sleep(0);
      });
      for (let round = 0; round < 20; round += 1) sleep(0);
      other.join();
      const now = getHub().stats();
      expect(now.turns - turns).toBeLessThanOrEqual(1);
      expect(now.switches - switches).toBeLessThanOrEqual(2 * 20 + 6);
    });
  });

  test('in a turn timers come first, then calls, then green threads', async () => {
    const hub = getHub();
    const seen: string[] = [];
    const thread = spawn(() => seen.push('green thread'));
    hub.runThreadsafe(() => seen.push('call'));
    hub.startTimer(0, () => seen.push('timer'));
    await thread;
    expect(seen).toEqual(['timer', 'call', 'green thread']);
  });

  test('promise reactions run between green threads no later than the end of the turn', async () => {
    const seen: string[] = [];
    const turnsSeen: number[] = [];
    await run(() => {
      void Promise.resolve().then(() => seen.push('reaction'));
      turnsSeen.push(getHub().stats().turns);
      while (seen.length === 0) sleep(0);
      turnsSeen.push(getHub().stats().turns);
    });
    expect(turnsSeen[1]! - turnsSeen[0]!).toBeLessThanOrEqual(1);
  });

  test('a turn never starts inside of schedule: neither spawn, kill, nor a resolved promise runs a green thread at once', async () => {
    const seen: string[] = [];
    const sleeper = spawn(() => {
      try {
        sleep(Infinity);
      } finally {
        seen.push('killed');
      }
    });
    await run(() => sleep(0));
    sleeper.kill();
    const other = spawn(() => seen.push('spawned'));
    seen.push('caller');
    await Promise.allSettled([sleeper, other]);
    expect(seen).toEqual(['caller', 'killed', 'spawned']);
  });
});

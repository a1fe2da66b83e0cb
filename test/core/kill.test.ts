// kill and cancel: when the reason arrives, what runs before and after, and what is left of it.
import { cancel, GreenExit, type GreenThread, kill, run, sleep, spawn, Timeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';
import { code, thrown } from './thrown';

useVirtualClock();

test('an unstarted green thread never runs, and its waiters get the reason', async () => {
  const fn = jest.fn();
  const reason = new Error('never mind');
  const thread = spawn(fn);
  const waiter = run(() => thrown(() => thread.wait()));
  thread.kill(reason);
  expect(thread.dead).toBe(false);
  expect(await waiter).toBe(reason);
  expect(fn).not.toHaveBeenCalled();
});

test('a kill before the start may be repeated: the first reason counts', async () => {
  const first = new Error('first');
  const thread = spawn(() => 1);
  thread.kill(first);
  thread.kill(new Error('second'));
  thread.kill();
  await expect(thread).rejects.toBe(first);
});

test('a suspended green thread gets the reason where it is suspended, at the next turn', async () => {
  const seen: string[] = [];
  const reason = new Error('reason');
  const thread = spawn(() => {
    try {
      sleep(1000);
    } catch (error) {
      seen.push(error === reason ? 'caught the reason' : 'caught something else');
      throw error;
    } finally {
      seen.push('finally');
    }
  });
  await run(() => {
    sleep(0);
    thread.kill(reason);
    seen.push('the killer goes on');
    expect(thread.dead).toBe(false);
    thread.join();
  });
  expect(seen).toEqual(['the killer goes on', 'caught the reason', 'finally']);
  expect(thread.error).toBe(reason);
  expect(getHub().stats().timers).toBe(0);
});

test('kills are delivered first come first served, among those that are ready', async () => {
  const seen: string[] = [];
  const victims = ['a', 'b', 'c'].map((name) =>
    spawn(() => {
      try {
        sleep(Infinity);
      } finally {
        seen.push(name);
      }
    }),
  );
  await run(() => {
    sleep(0);
    spawn(() => seen.push('spawned before'));
    victims[2]!.kill();
    victims[0]!.kill();
    spawn(() => seen.push('spawned between'));
    victims[1]!.kill();
    for (const victim of victims) victim.join();
  });
  expect(seen).toEqual(['spawned before', 'c', 'a', 'spawned between', 'b']);
});

test('the default reason is a new GreenExit', async () => {
  const thread = spawn(() => thrown(() => sleep(Infinity)));
  await run(() => sleep(0));
  thread.kill();
  const reason = (await thread) as GreenExit;
  expect(reason).toBeInstanceOf(GreenExit);
  expect(reason.name).toBe('GreenExit');
  expect(reason.code).toBe('ERR_VERDANT_KILLED');
});

test.each([undefined, null, 'text', 7, { any: 'object' }])('any value may be the reason: %p', async (reason) => {
  const caught: unknown[] = [];
  const thread = spawn(() => {
    try {
      sleep(Infinity);
    } catch (error) {
      caught.push(error);
      throw error;
    }
  });
  await run(() => sleep(0));
  const joined = run(() => thread.join()); // before the kill: else nobody might look at the outcome in time
  thread.kill(reason === undefined ? new GreenExit() : reason);
  await joined;
  expect(thread.state).toBe('killed');
  expect(thread.error).toBe(caught[0]);
  if (reason !== undefined) expect(caught).toEqual([reason]);
});

test('killing oneself throws the reason right there', async () => {
  const reason = new Error('by my own hand');
  const seen: string[] = [];
  const thread = spawn(() => {
    seen.push('before');
    thread.kill(reason);
    seen.push('after');
  });
  await expect(thread).rejects.toBe(reason);
  expect(seen).toEqual(['before']);
});

test('killing oneself without a reason ends quietly as killed', async () => {
  const thread = spawn(() => {
    thread.kill();
  });
  await run(() => thread.join());
  expect(thread.state).toBe('killed');
  expect(thread.error).toEqual(code('ERR_VERDANT_KILLED'));
});

test('killing a dead green thread changes nothing', async () => {
  const thread = spawn(() => 'value');
  await thread;
  thread.kill(new Error('too late'));
  kill(thread);
  expect(thread.state).toBe('done');
  expect(await thread).toBe('value');
});

test('a swallowed GreenExit is thrown again at every further suspension', async () => {
  const caught: unknown[] = [];
  const thread = spawn(() => {
    for (let round = 0; round < 5; round += 1) caught.push(thrown(() => sleep(1000)));
    return 'ended at last';
  });
  await run(() => sleep(0));
  thread.kill();
  expect(await thread).toBe('ended at last');
  expect(caught).toHaveLength(5);
  for (const error of caught) expect(error).toBe(caught[0]);
  expect(caught[0]).toEqual(code('ERR_VERDANT_KILLED'));
});

test('a swallowed reason that is no GreenExit is thrown once only', async () => {
  const reason = new Error('reason');
  const thread = spawn(() => {
    const caught = thrown(() => sleep(1000));
    sleep(1);
    sleep(1);
    return [caught];
  });
  await run(() => sleep(0));
  thread.kill(reason);
  const [caught] = await thread;
  expect(caught).toBe(reason);
});

test('finally blocks may suspend when the reason is no GreenExit', async () => {
  const seen: string[] = [];
  const thread = spawn(() => {
    try {
      sleep(1000);
    } finally {
      sleep(10);
      seen.push('cleaned up');
    }
  });
  await run(() => sleep(0));
  thread.kill(new Error('reason'));
  await run(() => thread.join());
  expect(seen).toEqual(['cleaned up']);
  expect(thread.state).toBe('killed');
});

test('all finally blocks on the way out run, innermost first', async () => {
  const seen: number[] = [];
  const nested = (depth: number): void => {
    try {
      if (depth === 5) sleep(Infinity);
      else nested(depth + 1);
    } finally {
      seen.push(depth);
    }
  };
  const thread = spawn(nested, 1);
  await run(() => sleep(0));
  thread.kill();
  await run(() => thread.join());
  expect(seen).toEqual([5, 4, 3, 2, 1]);
});

test('a green thread may kill its killer on its way out', async () => {
  const reasons = [new Error('one'), new Error('two')];
  const killer = spawn(() => {
    sleep(0);
    victim.kill(reasons[0]);
    sleep(Infinity);
  });
  const victim = spawn(() => {
    try {
      sleep(Infinity);
    } finally {
      killer.kill(reasons[1]);
    }
  });
  victim.link(() => undefined);
  await run(() => {
    killer.join();
    victim.join();
  });
  expect([victim.error, killer.error]).toEqual(reasons);
});

test('a kill overtakes a wake-up that has not been delivered yet', async () => {
  const reason = new Error('reason');
  const seen: string[] = [];
  const victim = spawn(() => {
    sleep(0);
    seen.push('slept');
  });
  await run(() => {
    // The victim has been woken, and comes next.
    victim.kill(reason);
    victim.join();
  });
  expect(victim.error).toBe(reason);
  expect(seen).toEqual([]);
});

test.each<[string, Error]>([
  ['an error', new Error('reason')],
  ['a GreenExit', new GreenExit()],
])('a kill with %s while another error is on its way is not lost', async (_what, reason) => {
  const killer = spawn(() => {
    sleep(10); // the first to run in the turn in which the timeout hits the victim
    victim.kill(reason);
    sleep(10);
  });
  const victim = spawn(() => {
    using _timeout = new Timeout(10);
    thrown(() => sleep(1000));
    sleep(Infinity);
  });
  victim.link(() => undefined);
  await killer;
  expect([victim.state, victim.error]).toEqual(['killed', reason]);
});

test('kill from a timer of Node, a microtask and a promise reaction all arrive', async () => {
  const killers: ((act: () => void) => void)[] = [
    (act) => void setTimeout(act, 1),
    (act) => queueMicrotask(act),
    (act) => void Promise.resolve().then(act),
    (act) => process.nextTick(act),
  ];
  for (const later of killers) {
    const reason = new Error('reason');
    const thread = spawn(() => sleep(Infinity));
    await run(() => sleep(0));
    later(() => thread.kill(reason));
    await expect(thread).rejects.toBe(reason);
  }
});

test('kill(thread, reason) is the function form', async () => {
  const reason = new Error('reason');
  const thread = spawn(() => sleep(Infinity));
  await run(() => sleep(0));
  kill(thread, reason);
  await expect(thread).rejects.toBe(reason);
});

test('kill(thread) has the default reason', async () => {
  const thread = spawn(() => sleep(Infinity));
  kill(thread);
  await expect(thread).rejects.toMatchObject({ name: 'GreenExit' });
});

test('cancel before the start prevents it', async () => {
  const fn = jest.fn();
  const reason = new Error('cancelled');
  const thread = spawn(fn);
  expect(thread.cancel(reason)).toBe(true);
  await expect(thread).rejects.toBe(reason);
  expect(fn).not.toHaveBeenCalled();
});

test('cancel after the start, and after the end, says false and does nothing', async () => {
  const thread = spawn(() => (sleep(5), 'value'));
  await run(() => sleep(0));
  expect(cancel(thread)).toBe(false);
  expect(await thread).toBe('value');
  expect(cancel(thread)).toBe(false);
});

test.each([null, undefined, {}, 'thread', 5])('kill and cancel refuse %p', (what) => {
  expect(thrown(() => kill(what as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => cancel(what as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
});

test('whoever is told that an unstarted green thread was killed may kill the one that suspends just then', async () => {
  const before = getHub().stats().greenThreads;
  const seen: string[] = [];
  const victim: GreenThread<void> = spawn(() => {
    const unstarted = spawn(() => undefined) as unknown as GreenThread & { onEnd(listener: () => void): void };
    unstarted.onEnd(() => {
      victim.kill();
      seen.push('killed it');
    });
    unstarted.kill();
    sleep(Infinity); // the hub comes to the unstarted one on its way to the next
  });
  await expect(victim).rejects.toMatchObject({ code: 'ERR_VERDANT_KILLED' });
  expect(seen).toEqual(['killed it']);
  expect(getHub().stats().greenThreads).toBe(before);
});

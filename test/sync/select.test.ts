// select(): exactly one case happens, those that can happen have the same chance, and nothing is lost or left behind.
import { type GreenThread, Channel, Event, LightQueue, PriorityQueue, run, select, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

const turn = (): Promise<void> => run(() => sleep(0));

/** A green thread that waits in a select, if it is one that has to. */
async function selecting<R>(fn: () => R): Promise<[GreenThread<R>]> {
  const thread = spawn(fn);
  await turn();
  return [thread]; // in an array, for a green thread that is returned is waited for
}

describe('a case that can happen at once', () => {
  test('happens', async () => {
    const [full, empty] = [new LightQueue<number>(), new LightQueue<number>()];
    full.putNowait(7);
    await run(() => {
      expect(select([select.get(empty), select.get(full)])).toEqual({ index: 1, value: 7 });
    });
    expect(full.size()).toBe(0);
  });

  test('of several, each is chosen about as often', async () => {
    const queues = [1, 2, 3].map(() => new LightQueue<number>());
    for (const queue of queues) for (let n = 0; n < 600; n += 1) queue.putNowait(n);
    const chosen = [0, 0, 0];
    await run(() => {
      for (let n = 0; n < 600; n += 1) chosen[select(queues.map((queue) => select.get(queue))).index]! += 1;
    });
    // 200 each with a standard deviation of 11.5: this fails once in 10^12 runs.
    for (const times of chosen) expect(Math.abs(times - 200)).toBeLessThan(85);
    queues.forEach((queue, index) => expect(queue.size()).toBe(600 - chosen[index]!));
  });

  test('leaves the others alone', async () => {
    const [a, b] = [new LightQueue<string>(), new LightQueue<string>(1)];
    a.putNowait('a');
    await run(() => {
      const { index } = select([select.get(a), select.put(b, 'b')]);
      expect([a.size(), b.size()]).toEqual(index === 0 ? [0, 0] : [1, 1]);
    });
  });
});

describe('when none can happen at once', () => {
  test('a put elsewhere decides', async () => {
    const [a, b] = [new Channel<string>(0), new Channel<string>(0)];
    const [thread] = await selecting(() => select([select.get(a), select.get(b)]));
    expect([a.getting(), b.getting()]).toEqual([1, 1]);
    b.putNowait('b');
    expect([a.getting(), b.getting()]).toEqual([0, 0]);
    expect(thrown(() => a.putNowait('a'))).toEqual(code('ERR_VERDANT_QUEUE_FULL'));
    expect(await thread).toEqual({ index: 1, value: 'b' });
  });

  test('a get elsewhere decides', async () => {
    const [a, b] = [new Channel<string>(0), new LightQueue<string>(1)];
    b.putNowait('in');
    const [thread] = await selecting(() => select([select.put(a, 'to a'), select.put(b, 'to b')]));
    expect([a.putting(), b.putting()]).toEqual([1, 1]);
    expect(b.getNowait()).toBe('in');
    expect([a.putting(), b.putting(), b.size()]).toEqual([0, 0, 1]);
    expect(await thread).toEqual({ index: 1, value: undefined });
    expect(b.getNowait()).toBe('to b');
  });

  test('an event decides, with its value or its error', async () => {
    const queue = new LightQueue<string>();
    const events = [new Event<string>(), new Event<string>()];
    const error = new Error('sent');
    const threads = events.map((event) => spawn(() => select([select.get(queue), select.event(event)])));
    await turn();
    events[0]!.send('seen');
    events[1]!.sendError(error);
    expect(await threads[0]).toEqual({ index: 1, value: 'seen' });
    await expect(threads[1]).rejects.toBe(error);
    expect([queue.getting(), ...events.map((event) => event.statistics().waiting)]).toEqual([0, 0, 0]);
  });

  test('the end of a green thread decides, with its value or its error', async () => {
    const queue = new LightQueue<string>();
    const error = new Error('failed');
    const ending = spawn(() => {
      sleep(5);
      return 'ended';
    });
    await run(() => {
      expect(select([select.get(queue), select.thread(ending)])).toEqual({ index: 1, value: 'ended' });
      const failing = spawn(() => {
        sleep(5);
        throw error;
      });
      expect(thrown(() => select([select.get(queue), select.thread(failing)]))).toBe(error);
      expect(select([select.thread(ending)])).toEqual({ index: 0, value: 'ended' });
    });
  });

  test('a promise decides, with its value or its error', async () => {
    const queue = new LightQueue<string>();
    const error = new Error('rejected');
    await run(() => {
      const late = new Promise<string>((resolve) => setImmediate(() => resolve('late')));
      expect(select([select.get(queue), select.promise(late)])).toEqual({ index: 1, value: 'late' });
      expect(select([select.promise(late)]).value).toBe('late');
      expect(thrown(() => select([select.get(queue), select.promise(Promise.reject(error))]))).toBe(error);
    });
    expect(queue.getting()).toBe(0);
  });

  test('the time decides', async () => {
    const queue = new LightQueue<string>();
    await run(() => {
      const start = getHub().time();
      expect(select([select.get(queue), select.after(50), select.after(20)])).toEqual({ index: 2, value: undefined });
      expect(getHub().time() - start).toBe(20);
    });
    expect([queue.getting(), getHub().stats().timers]).toEqual([0, 0]);
  });

  test('a timer that has not decided is gone', async () => {
    const queue = new LightQueue<string>();
    const [thread] = await selecting(() => select([select.get(queue), select.after(1e6), select.after(Infinity)]));
    queue.putNowait('now');
    expect((await thread).value).toBe('now');
    expect(getHub().stats().timers).toBe(0);
  });

  test('closing decides, as an error or as a value', async () => {
    const queue = new LightQueue<string>();
    const [throwing] = await selecting(() => select([select.get(queue)]));
    const [telling] = await selecting(() => select([select.get(queue, { closed: null })]));
    const full = new Channel<string>(0);
    const [putting] = await selecting(() => select([select.put(full, 'x')]));
    queue.close();
    full.close();
    await expect(throwing).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
    expect(await telling).toEqual({ index: 0, value: null });
    await expect(putting).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
    await run(() => {
      expect(select([select.get(queue, { closed: 'end' })])).toEqual({ index: 0, value: 'end' });
      expect(thrown(() => select([select.get(queue)]))).toEqual(code('ERR_VERDANT_CLOSED'));
      expect(thrown(() => select([select.put(queue, 'x')]))).toEqual(code('ERR_VERDANT_CLOSED'));
    });
  });

  test('each is served in its turn, behind those who came before', async () => {
    const channel = new Channel<number>(0);
    const [getter] = await selecting(() => channel.get());
    const [thread] = await selecting(() => select([select.get(channel)]).value);
    const [last] = await selecting(() => channel.get());
    for (const n of [1, 2, 3]) channel.putNowait(n);
    expect(await Promise.all([getter, thread, last])).toEqual([1, 2, 3]);
  });
});

test('a select does not hand over to itself', async () => {
  const channel = new Channel<string>(0);
  const [thread] = await selecting(() => select([select.get(channel), select.put(channel, 'mine')]));
  expect([channel.getting(), channel.putting()]).toEqual([1, 1]);
  expect(channel.getNowait()).toBe('mine');
  expect(await thread).toEqual({ index: 1, value: undefined });
  expect([channel.getting(), channel.putting()]).toEqual([0, 0]);
});

test('two selects hand over to each other', async () => {
  const channel = new Channel<string>(0);
  const both = (item: string) => () => select([select.get(channel), select.put(channel, item)]);
  const results = await Promise.all([spawn(both('a')), spawn(both('b'))]);
  expect(results.map(({ index }) => index).sort()).toEqual([0, 1]);
  expect([channel.getting(), channel.putting()]).toEqual([0, 0]);
});

test('an item that the store refuses is the error of the select that puts it', async () => {
  const queue = new PriorityQueue<{ rank: number } | null>({ compare: (a, b) => a!.rank - b!.rank, maxSize: 2 });
  for (const rank of [1, 2]) queue.putNowait({ rank });
  const [thread] = await selecting(() => select([select.put(queue, null)]));
  queue.getNowait();
  await expect(thread).rejects.toThrow(TypeError);
});

describe('a default', () => {
  test('happens when nothing else can, and makes select legal anywhere', () => {
    const queue = new LightQueue<number>();
    const poll = () => select([select.get(queue), select.default('nothing')]);
    expect(poll()).toEqual({ index: 1, value: 'nothing' });
    queue.putNowait(1);
    expect(poll()).toEqual({ index: 0, value: 1 });
    expect(select([select.default()])).toEqual({ index: 0, value: undefined });
    const event = new Event<number>();
    event.send(3);
    expect(select([select.event(event), select.default()])).toEqual({ index: 0, value: 3 });
  });

  test('does not wait in any line', () => {
    const channel = new Channel<number>(0);
    expect(select([select.get(channel), select.put(channel, 1), select.default()]).index).toBe(2);
    expect([channel.getting(), channel.putting()]).toEqual([0, 0]);
  });
});

describe('an interruption', () => {
  test('by the timeout leaves every line', async () => {
    const channel = new Channel<number>(0);
    const event = new Event();
    await run(() => {
      const cases = [select.get(channel), select.put(channel, 1), select.event(event), select.after(100)];
      expect(thrown(() => select(cases, { timeout: 10 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    });
    expect([channel.getting(), channel.putting(), event.statistics().waiting]).toEqual([0, 0, 0]);
    expect(getHub().stats().timers).toBe(0);
  });

  test('by an abort is the reason of the signal', async () => {
    const channel = new Channel<number>(0);
    const controller = new AbortController();
    const [thread] = await selecting(() => select([select.get(channel)], { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(thread).rejects.toBe(reason);
    expect(channel.getting()).toBe(0);
    channel.resize();
    channel.putNowait(1);
    await run(() => {
      expect(thrown(() => select([select.get(channel)], { signal: controller.signal }))).toBe(reason);
    });
    expect(channel.size()).toBe(1);
  });

  test('by a kill after an item was handed over gives the item to the next', async () => {
    const queue = new LightQueue<number>();
    const [killed] = await selecting(() => select([select.get(queue)]));
    const [next] = await selecting(() => select([select.get(queue)]));
    queue.putNowait(1);
    killed.kill();
    expect(await next).toEqual({ index: 0, value: 1 });
    expect(killed.state).toBe('killed');
  });

  test('by a kill after its item was taken: it has been put', async () => {
    const channel = new Channel<string>(0);
    const steps: unknown[] = [];
    const [putter] = await selecting(() => {
      steps.push(select([select.put(channel, 'x')]));
      sleep(0);
      steps.push('never');
    });
    expect(channel.getNowait()).toBe('x');
    putter.kill();
    await turn();
    expect(steps).toEqual([{ index: 0, value: undefined }]);
    expect(putter.state).toBe('killed');
  });

  test('by a kill while it waits takes nothing', async () => {
    const [a, b] = [new LightQueue<number>(), new Event()];
    const [thread] = await selecting(() => select([select.get(a), select.event(b)]));
    thread.kill();
    a.putNowait(1);
    b.send();
    await turn();
    expect([thread.state, a.size()]).toEqual(['killed', 1]);
  });
});

test('a promise that is selected on again and again is looked at once', async () => {
  let looks = 0;
  const never: PromiseLike<never> = {
    then() {
      looks += 1;
      return new Promise(() => undefined);
    },
  };
  await run(() => {
    for (let n = 0; n < 5; n += 1) select([select.promise(never), select.after(1)]);
  });
  expect(looks).toBe(1);
});

test('a case may be used again, also by several at once', async () => {
  const queue = new LightQueue<number>();
  const cases = [select.get(queue)] as const;
  const threads = [1, 2].map(() => spawn(() => select(cases).value));
  await turn();
  queue.putNowait(1);
  queue.putNowait(2);
  expect(await Promise.all(threads)).toEqual([1, 2]);
});

test('the index tells the type of the value', async () => {
  const words = new LightQueue<string>();
  const numbers = new LightQueue<number>();
  words.putNowait('seven');
  await run(() => {
    const result = select([select.get(words), select.get(numbers, { closed: null })]);
    const length: number | null = result.index === 0 ? result.value.length : result.value;
    expect(length).toBe(5);
  });
});

test('without cases it waits for its timeout', async () => {
  await expect(run(() => select([], { timeout: 5 }))).rejects.toEqual(code('ERR_VERDANT_TIMEOUT'));
});

test('blocks only on green threads', () => {
  const queue = new LightQueue<number>();
  queue.putNowait(1);
  expect(thrown(() => select([select.get(queue)]))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  expect(queue.size()).toBe(1);
});

test('wrong arguments are refused', async () => {
  const invalid = code('ERR_INVALID_ARG_TYPE');
  const wrong: (() => unknown)[] = [
    () => select(1 as never),
    () => select([new LightQueue()] as never),
    () => select([null] as never),
    () => select.get(null as never),
    () => select.put({} as never, 1),
    () => select.event(Promise.resolve() as never),
    () => select.event(null as never),
    () => select.thread(1 as never),
    () => select.promise(1 as never),
    () => select.after('1' as never),
    () => select.readable('1' as never),
    () => select.readable(null as never),
  ];
  for (const call of wrong) expect(thrown(call)).toEqual(invalid);
  expect(thrown(() => select.after(-1))).toEqual(code('ERR_OUT_OF_RANGE'));
  expect(thrown(() => select.readable(-1))).toEqual(code('ERR_OUT_OF_RANGE'));
  await expect(run(() => select([], { timeout: -1 }))).rejects.toEqual(code('ERR_OUT_OF_RANGE'));
});

test('a green thread cannot select on its own end', async () => {
  const me: GreenThread = spawn(() => select([select.thread(me)]));
  await expect(me).rejects.toEqual(code('ERR_VERDANT_DEADLOCK'));
});

// Channels: rendezvous, pipelines, hand-over in order of events.
import { Channel, Event, LightQueue, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';

const turn = (): Promise<void> => run(() => sleep(0));

test('a channel without a size holds any number of items', async () => {
  const channel = new Channel<number>();
  await run(() => {
    for (let n = 0; n < 1000; n += 1) channel.put(n);
  });
  expect([channel.size(), channel.full(), channel.maxSize]).toEqual([1000, false, Infinity]);
  channel.close({ immediate: true });
});

test('a channel is a queue', () => {
  expect(new Channel()).toBeInstanceOf(LightQueue);
});

test('put returns when a getter has taken the item, and not before', async () => {
  const channel = new Channel<number>(0);
  const events: string[] = [];
  const putter = spawn(() => {
    for (const n of [1, 2]) {
      events.push(`put ${n}`);
      channel.put(n);
      events.push(`has put ${n}`);
    }
  });
  await turn();
  expect(events).toEqual(['put 1']);
  await run(() => {
    events.push(`got ${channel.get()}`);
    events.push(`got ${channel.get()}`);
  });
  await putter;
  expect(events).toEqual(['put 1', 'got 1', 'has put 1', 'put 2', 'has put 2', 'got 2']);
});

test('putNowait is for those who know that somebody waits', async () => {
  const channel = new Channel<number>(0);
  expect(thrown(() => channel.putNowait(1))).toEqual(code('ERR_VERDANT_QUEUE_FULL'));
  const getter = spawn(() => channel.get());
  await turn();
  channel.putNowait(2);
  expect(thrown(() => channel.putNowait(3))).toEqual(code('ERR_VERDANT_QUEUE_FULL'));
  expect(await getter).toBe(2);
});

test('getNowait takes from a putter that waits', async () => {
  const channel = new Channel<number>(0);
  expect(thrown(() => channel.getNowait())).toEqual(code('ERR_VERDANT_QUEUE_EMPTY'));
  const putter = spawn(() => channel.put(1));
  await turn();
  expect(channel.peekNowait()).toBe(1);
  expect(channel.getNowait()).toBe(1);
  await putter;
});

test('somebody who only peeks is nobody to put to', async () => {
  const channel = new Channel<number>(0);
  const peeker = spawn(() => channel.peek());
  await turn();
  expect(thrown(() => channel.putNowait(1))).toEqual(code('ERR_VERDANT_QUEUE_FULL'));
  const putter = spawn(() => channel.put(2));
  expect(await peeker).toBe(2);
  expect([channel.putting(), channel.getNowait()]).toEqual([1, 2]);
  await putter;
});

test('a putter that times out has handed over nothing', async () => {
  const channel = new Channel<number>(0);
  await expect(run(() => channel.put(1, { timeout: 1 }))).rejects.toEqual(code('ERR_VERDANT_TIMEOUT'));
  const getter = spawn(() => channel.get({ timeout: 1 }));
  await expect(getter).rejects.toEqual(code('ERR_VERDANT_TIMEOUT'));
});

test('several putters and getters meet in the order in which they came', async () => {
  const channel = new Channel<number>(0);
  const putters = [1, 2, 3].map((n) => spawn(() => channel.put(n)));
  const getters = [1, 2, 3].map(() => spawn(() => channel.get()));
  expect(await Promise.all(getters)).toEqual([1, 2, 3]);
  await Promise.all(putters);
});

test('a chain of stages over rendezvous passes everything on', async () => {
  const stages = 20;
  const items = 50;
  const sum = await run(() => {
    const first = new Channel<number>(0);
    let last = first;
    for (let stage = 0; stage < stages; stage += 1) {
      const from = last;
      const to = new Channel<number>(0);
      spawn(() => {
        for (const n of from) to.put(n + 1);
        to.close();
      });
      last = to;
    }
    spawn(() => {
      for (let n = 0; n < items; n += 1) first.put(n);
      first.close();
    });
    let total = 0;
    for (const n of last) total += n;
    return total;
  });
  expect(sum).toBe((items * (items - 1)) / 2 + items * stages);
});

test('what a putter did before its put has happened before the get', async () => {
  const channel = new Channel<string>(0);
  const event = new Event<string>();
  const putter = spawn(() => {
    event.send('sent');
    channel.put('put');
  });
  await run(() => {
    expect(channel.get()).toBe('put');
    expect(event.poll()).toBe('sent');
  });
  await putter;
});

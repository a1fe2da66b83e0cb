// Timeouts, aborts and kills of those who wait for a queue: no item is lost, none comes twice, whoever is next has its turn.
import { GreenExit, LightQueue, PriorityQueue, Queue, run, sleep, spawn, Timeout, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { code } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

const turn = (): Promise<void> => run(() => sleep(0));

test('a getter gives up after its timeout, and leaves the line', async () => {
  const queue = new LightQueue<number>();
  await expect(run(() => queue.get({ timeout: 10 }))).rejects.toEqual(code('ERR_VERDANT_TIMEOUT'));
  expect(queue.getting()).toBe(0);
  queue.putNowait(1);
  expect(queue.getNowait()).toBe(1);
});

test('a putter gives up after its timeout, and its item is not put', async () => {
  const queue = new LightQueue<number>(0);
  await expect(run(() => queue.put(1, { timeout: 10 }))).rejects.toEqual(code('ERR_VERDANT_TIMEOUT'));
  expect(queue.putting()).toBe(0);
  const getter = spawn(() => queue.get());
  await turn();
  queue.putNowait(2);
  expect(await getter).toBe(2);
});

test('an abort ends either wait with the reason of the signal', async () => {
  const queue = new LightQueue<number>(0);
  for (const wait of [
    (signal: AbortSignal) => queue.get({ signal }),
    (signal: AbortSignal) => queue.put(1, { signal }),
  ]) {
    const controller = new AbortController();
    const reason = new Error('enough');
    const thread = spawn(() => wait(controller.signal));
    await turn();
    controller.abort(reason);
    await expect(thread).rejects.toBe(reason);
    expect([queue.getting(), queue.putting()]).toEqual([0, 0]);
  }
});

test('a signal that has aborted is obeyed even if there is an item', async () => {
  const queue = new LightQueue<number>();
  queue.putNowait(1);
  const reason = new Error('enough');
  await expect(run(() => queue.get({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  expect(queue.size()).toBe(1);
});

test('dead waiters in line do not get anything', async () => {
  const queue = new LightQueue<number>();
  const threads = [1, 2, 3].map(() => spawn(() => queue.get()));
  await turn();
  threads[0]!.kill();
  threads[1]!.kill();
  queue.putNowait(1);
  expect(await threads[2]).toBe(1);
});

test('a getter that is killed after an item was handed to it gives it to the next', async () => {
  const queue = new LightQueue<number>();
  const [killed, next] = [spawn(() => queue.get()), spawn(() => queue.get())];
  await turn();
  queue.putNowait(1);
  killed.kill();
  expect(await next).toBe(1);
  expect([killed.state, queue.size()]).toEqual(['killed', 0]);
});

test('a getter that is killed after an item was handed to it, with nobody behind it, puts it back to the front', async () => {
  const queue = new LightQueue<number>(1);
  const killed = spawn(() => queue.get());
  await turn();
  queue.putNowait(1);
  queue.putNowait(2);
  killed.kill();
  await turn();
  expect([queue.size(), queue.getNowait(), queue.getNowait()]).toEqual([2, 1, 2]);
});

test.each([[[0]], [[1]], [[0, 1]], [[1, 2]], [[0, 1, 2]]])(
  'of three getters that were handed something the killed %j disturb no order',
  async (kills) => {
    const queue = new LightQueue<number>();
    const got: number[] = [];
    const threads = [0, 1, 2].map(() => spawn(() => got.push(queue.get())));
    await turn();
    for (const n of [1, 2, 3, 4]) queue.putNowait(n);
    for (const n of kills) threads[n]!.kill();
    await turn();
    while (!queue.empty()) got.push(queue.getNowait());
    expect(got).toEqual([1, 2, 3, 4]);
  },
);

test('an item that came back to a rendezvous waits for the next getter', async () => {
  const queue = new LightQueue<number>(0);
  const killed = spawn(() => queue.get());
  await turn();
  queue.putNowait(1);
  killed.kill();
  await turn();
  expect([queue.size(), queue.empty(), queue.full()]).toEqual([1, false, true]);
  expect(await run(() => queue.get())).toBe(1);
});

test('an item that came back to a PriorityQueue is the next among its equals, and the others get the best', async () => {
  const queue = new PriorityQueue<{ rank: number; name: string }>({ compare: (a, b) => a.rank - b.rank });
  const [killed, other] = [spawn(() => queue.get().name), spawn(() => queue.get().name)];
  await turn();
  queue.putNowait({ rank: 5, name: 'old' });
  queue.putNowait({ rank: 1, name: 'best' });
  queue.putNowait({ rank: 5, name: 'new' });
  killed.kill();
  expect(await other).toBe('best');
  expect([queue.getNowait().name, queue.getNowait().name]).toEqual(['old', 'new']);
});

test('a Timeout that fires between the hand-over and the run gives the item back', async () => {
  const queue = new LightQueue<number>();
  let fired = false;
  // Both at the same time: the older timer fires first, so the item is handed over and the getter has not run yet.
  getHub().startTimer(10, () => queue.putNowait(1));
  const limited = spawn(() => {
    using timeout = new Timeout(10);
    try {
      return queue.get();
    } catch (error) {
      fired = error === timeout;
      return null;
    }
  });
  await limited;
  expect([fired, queue.size()]).toEqual([true, 1]);
});

test('a putter whose item was taken has put it, even if it is killed then', async () => {
  const queue = new LightQueue<number>(0);
  const steps: string[] = [];
  const putter = spawn(() => {
    queue.put(1);
    steps.push('has put');
    sleep(0);
    steps.push('never');
  });
  await turn();
  expect(queue.getNowait()).toBe(1);
  putter.kill();
  await expect(putter).rejects.toBeInstanceOf(GreenExit);
  expect(steps).toEqual(['has put']);
});

test('a putter that is killed while it waits has put nothing', async () => {
  const queue = new LightQueue<number>(1);
  queue.putNowait(1);
  const [killed, next] = [spawn(() => queue.put(2)), spawn(() => queue.put(3))];
  await turn();
  killed.kill();
  expect(queue.getNowait()).toBe(1);
  await next;
  expect([queue.getNowait(), queue.size()]).toEqual([3, 0]);
});

test('withTimeout around a get that is served in time takes the item', async () => {
  const queue = new LightQueue<number>();
  const getter = spawn(() => withTimeout(10, () => queue.get(), { value: -1 }));
  await turn();
  queue.putNowait(1);
  expect(await getter).toBe(1);
});

test('those who are told of the end are told after what was handed over has been taken or has come back', async () => {
  const queue = new LightQueue<number>();
  const [killed, other] = [spawn(() => queue.get()), spawn(() => queue.get())];
  await turn();
  queue.putNowait(1);
  queue.close();
  killed.kill();
  expect(await other).toBe(1);
  await expect(run(() => queue.get())).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
});

test('what comes back to a queue that was closed at once is dropped, and done', async () => {
  const queue = new Queue<number>();
  const killed = spawn(() => queue.get());
  await turn();
  queue.putNowait(1);
  queue.close({ immediate: true });
  killed.kill();
  await turn();
  expect(queue.statistics()).toMatchObject({ size: 0, handedOver: 0, unfinishedTasks: 0 });
});

test('a peeker that is interrupted takes nothing', async () => {
  const queue = new LightQueue<number>();
  await expect(run(() => queue.peek({ timeout: 5 }))).rejects.toEqual(code('ERR_VERDANT_TIMEOUT'));
  const peeker = spawn(() => queue.peek());
  const getter = spawn(() => queue.get());
  await turn();
  queue.putNowait(1);
  peeker.kill();
  expect(await getter).toBe(1);
  expect(queue.getting()).toBe(0);
});

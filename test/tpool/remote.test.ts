// Remote: an object on a worker thread of its own.
import { join } from 'node:path';
import { run, sleep, spawn } from 'verdant';
import { Remote } from 'verdant/tpool';

interface Counter {
  add(n: number): this;
  get(): number;
  slowly(ms: number): number;
  die(): void;
}

const counterClass = { module: join(__dirname, 'support/tasks.cjs'), name: 'Counter' };
const remotes: Remote<Counter>[] = [];

function makeCounter(start: number): Remote<Counter> {
  const remote = Remote.make<Counter>(counterClass, start);
  remotes.push(remote);
  return remote;
}

afterEach(async () => {
  await Promise.all(remotes.splice(0).map((remote) => remote.kill()));
});

test('it keeps its state between calls, and a method that returns the object gives the view', async () => {
  await run(() => {
    const { object } = makeCounter(1);
    expect(object.add(1)).toBe(object);
    expect(object.add(1).get()).toBe(3);
  });
});

test('each has a state of its own', async () => {
  await run(() => {
    const [a, b] = [makeCounter(1), makeCounter(10)];
    a.object.add(1);
    expect([a.object.get(), b.object.get()]).toEqual([2, 10]);
  });
});

test('it can be found by its view', async () => {
  await run(() => {
    const remote = makeCounter(1);
    expect(Remote.of(remote.object)).toBe(remote);
    expect(Remote.of({})).toBe(undefined);
  });
});

test('an error at its making ends the thread and is thrown', async () => {
  await run(() => {
    expect(() => Remote.make(counterClass, -1)).toThrow(expect.objectContaining({ name: 'RangeError' }));
    expect(() => Remote.make({ timeout: 30 }, () => new Promise<object>(() => undefined))).toThrow(
      expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }),
    );
  });
});

test('an interrupted call goes on, its result is dropped, and the next waits for it', async () => {
  await run(() => {
    const remote = makeCounter(0);
    const thread = spawn(() => remote.object.slowly(60));
    sleep(20);
    thread.kill();
    thread.join();
    expect(remote.object.get()).toBe(1);
  });
});

test('a call that is interrupted before its turn is not made', async () => {
  await run(() => {
    const remote = makeCounter(0);
    const first = spawn(() => remote.object.slowly(40));
    const second = spawn(() => remote.object.slowly(0));
    sleep(10);
    second.kill();
    first.wait();
    expect(remote.object.get()).toBe(1);
  });
});

test('callIfThere calls what is there, and nothing else', async () => {
  await run(() => {
    const remote = makeCounter(4);
    expect(remote.callIfThere('get')).toBe(4);
    expect(remote.callIfThere('absent')).toBe(undefined);
  });
});

test('when its thread dies it is dead, and is not made anew', async () => {
  await run(() => {
    const remote = makeCounter(0);
    expect(() => remote.object.die()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_WORKER_DIED' }));
    expect(remote.dead).toBe(true);
    expect(() => remote.object.get()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
  });
});

test('kill ends what it does at once', async () => {
  await run(() => {
    const remote = makeCounter(0);
    const thread = spawn(() => remote.object.slowly(60_000));
    sleep(20);
    remote[Symbol.dispose]();
    expect(() => thread.wait()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
  });
});

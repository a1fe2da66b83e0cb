// Stacks: of the spawner, of a parked green thread, and joined on errors.
import { getCurrent, type GreenThread, run, sleep, spawn } from 'verdant';
import { spawnStacks } from 'verdant/debug';
import { expectOk } from '../support/children';
import { thrown } from './thrown';

const marker = '--- spawned at ---';

function spawner<R>(fn: () => R): GreenThread<R> {
  return spawn(fn);
}

function thrower(): never {
  throw new Error('from the thread');
}

afterEach(() => spawnStacks(true));

test('spawnStack shows the code that spawned', async () => {
  const thread = spawner(() => undefined);
  expect(thread.spawnStack).toMatch(/^\s+at spawner /);
  await thread;
});

test('error.stack shows the own frames of the green thread, then those of the spawner', async () => {
  const error = await spawner(() => thrower()).catch((reason: unknown) => reason as Error);
  const [own, spawned, ...more] = error.stack!.split(marker);
  expect(own).toContain('at thrower');
  expect(own).not.toContain('at spawner');
  expect(spawned).toContain('at spawner');
  expect(more).toEqual([]);
});

test('an error that passes through several green threads is marked once, by the first', async () => {
  function outer(): GreenThread {
    return spawn(() => spawner(() => thrower()).wait());
  }
  const error = await outer().catch((reason: unknown) => reason as Error);
  expect((error as Error).stack!.split(marker)).toHaveLength(2);
});

test('an error whose stack cannot be changed is left alone', async () => {
  const fixed = Object.defineProperty(new Error('fixed'), 'stack', { value: 'my own', writable: false });
  const hostile = Object.defineProperty(new Error('hostile'), 'stack', {
    get: () => {
      throw new Error('do not look');
    },
  });
  for (const error of [fixed, hostile, Object.freeze(new Error('frozen'))]) {
    const caught = await spawn(() => {
      throw error;
    }).then(null, (reason: unknown) => [reason]);
    expect(caught[0]).toBe(error);
  }
  expect(fixed.stack).toBe('my own');
});

test('spawnStacks(false) turns it off, spawnStacks(true) on again', async () => {
  spawnStacks(false);
  const without = spawner(() => thrower());
  expect(without.spawnStack).toBe('');
  const error = await without.catch((reason: unknown) => reason as Error);
  expect(error.stack).not.toContain(marker);
  spawnStacks(true);
  const thread = spawner(() => undefined);
  expect(thread.spawnStack).not.toBe('');
  await thread;
});

test('stack of a suspended green thread shows where it is parked, and disturbs nothing', async () => {
  function inner(): void {
    sleep(20);
  }
  const thread = spawn(function outer() {
    inner();
    return 'undisturbed';
  });
  await run(() => sleep(0));
  for (let round = 0; round < 3; round += 1) {
    expect(thread.stack).toMatch(/at inner [^]*at outer /);
    expect(thread.state).toBe('suspended');
  }
  expect(await thread).toBe('undisturbed');
});

test('stack of another green thread can be looked at from a green thread', async () => {
  function parked(): void {
    sleep(Infinity);
  }
  const thread = spawn(parked);
  await run(() => {
    sleep(0);
    expect(thread.stack).toContain('at parked');
    expect(getCurrent()!.state).toBe('running');
    thread.kill();
    thread.join();
  });
});

test('stack is empty unless it is suspended', async () => {
  const thread: GreenThread<string> = spawn(() => thread.stack);
  expect(thread.stack).toBe('');
  expect(await thread).toBe('');
  expect(thread.stack).toBe('');
});

test('an error made in the green thread has the frames of its own stack only', async () => {
  function caller(): string {
    const thread = spawn(() => thrown(thrower));
    return ((thread.wait() as Error).stack ?? '').split(marker)[0]!;
  }
  expect(await run(caller)).not.toContain('at caller');
});

test.each([[[]], [['--enable-source-maps']]])(
  'a parked stack shows the frames of the user only, with flags %p',
  async (flags) => {
    await expectOk(__dirname, 'parked_stack.cjs', { flags });
  },
);

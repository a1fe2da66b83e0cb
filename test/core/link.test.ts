// GreenThread.link and unlink: the hub tells of the end, in order, come what may.
import { getCurrent, type GreenThread, run, sleep, spawn } from 'verdant';
import { code, thrown } from './thrown';

// Links are called in a turn of the hub; a green thread that is spawned now runs in that turn or a later one.
const nextTurn = (): Promise<void> => run(() => sleep(1));

test('links are called in link order, with the green thread, outside of any green thread', async () => {
  const seen: unknown[] = [];
  const thread = spawn(() => 'value');
  for (const name of ['a', 'b', 'c']) {
    thread.link((ended) => seen.push([name, ended === thread, ended.state, ended.value, getCurrent()]));
  }
  await thread;
  await nextTurn();
  expect(seen).toEqual(['a', 'b', 'c'].map((name) => [name, true, 'done', 'value', null]));
});

test.each<[string, (thread: GreenThread) => void, string]>([
  ['failed', () => undefined, 'failed'],
  ['killed', (thread) => thread.kill(new Error('reason')), 'killed'],
])('a link is called when the green thread %s, and that counts as somebody listening', async (_what, act, state) => {
  const states: string[] = [];
  const thread = spawn(() => {
    throw new Error('broken');
  });
  thread.link((ended) => states.push(ended.state));
  act(thread);
  await nextTurn();
  expect(states).toEqual([state]);
});

test('a link added after the end is called at a later turn, never inside link()', async () => {
  const thread = spawn(() => 1);
  await thread;
  const link = jest.fn();
  thread.link(link);
  expect(link).not.toHaveBeenCalled();
  await nextTurn();
  expect(link).toHaveBeenCalledTimes(1);
  expect(link).toHaveBeenCalledWith(thread);
});

test('a link added by a link is called too, after the others', async () => {
  const seen: string[] = [];
  const thread = spawn(() => 1);
  thread.link(() => {
    seen.push('first');
    thread.link(() => seen.push('added'));
  });
  thread.link(() => seen.push('second'));
  await nextTurn();
  expect(seen).toEqual(['first', 'second', 'added']);
});

test('a link that is added ten thousand deep by links overflows no stack', async () => {
  let depth = 0;
  const thread = spawn(() => 1);
  const again = (): void => {
    depth += 1;
    if (depth < 10_000) thread.link(again);
  };
  thread.link(again);
  await nextTurn();
  expect(depth).toBe(10_000);
});

test('unlink takes a link back, once, and says whether it was there', async () => {
  const link = jest.fn();
  const thread = spawn(() => 1);
  thread.link(link);
  expect(thread.unlink(link)).toBe(true);
  expect(thread.unlink(link)).toBe(false);
  await nextTurn();
  expect(link).not.toHaveBeenCalled();
});

test('a function linked twice is called twice; unlink takes back one', async () => {
  const link = jest.fn();
  const thread = spawn(() => 1);
  thread.link(link);
  thread.link(link);
  thread.link(link);
  thread.unlink(link);
  await nextTurn();
  expect(link).toHaveBeenCalledTimes(2);
});

test('unlink of a link that was called says false', async () => {
  const link = jest.fn();
  const thread = spawn(() => 1);
  thread.link(link);
  await nextTurn();
  expect(thread.unlink(link)).toBe(false);
});

test('unlink inside a link takes back one that has not been called yet', async () => {
  const later = jest.fn();
  const thread = spawn(() => 1);
  let unlinked = false;
  thread.link(() => {
    unlinked = thread.unlink(later);
  });
  thread.link(later);
  await nextTurn();
  expect(unlinked).toBe(true);
  expect(later).not.toHaveBeenCalled();
});

test('link refuses what is no function', async () => {
  const thread = spawn(() => 1);
  expect(thrown(() => thread.link('cb' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  await thread;
});

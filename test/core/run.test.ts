// run: from plain and async code into green code, and back with the outcome.
import { getCurrent, run, sleep } from 'verdant';

test('run resolves with what the function returns', async () => {
  expect(await run((a: number, b: number) => (sleep(0), a + b), 1, 2)).toBe(3);
});

test('run rejects with what the function throws, as the same object', async () => {
  const error = new Error('mine');
  await expect(
    run(() => {
      throw error;
    }),
  ).rejects.toBe(error);
});

test.each([undefined, null, 0, 'text', Symbol.for('any')])('run rejects with %p as it was thrown', async (reason) => {
  await expect(
    run(() => {
      throw reason;
    }),
  ).rejects.toBe(reason);
});

test('run waits for the promise that the function returns', async () => {
  expect(await run(async () => 'later')).toBe('later');
});

test('run inside of a green thread starts another one', async () => {
  const [outer, inner] = await run(() => {
    let innerThread: unknown;
    const promise = run(() => {
      innerThread = getCurrent();
    });
    sleep(0);
    void promise;
    return [getCurrent(), innerThread];
  });
  expect(inner).not.toBe(outer);
  expect(inner).not.toBeNull();
});

test('run of what is no function rejects, and does not throw', async () => {
  await expect(run(5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
});

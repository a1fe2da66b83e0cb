// `using` and `await using` of a GreenThread: it is killed and waited for at the end of the scope.
import { type GreenThread, run, sleep, spawn } from 'verdant';

function sleeper(seen: string[]): GreenThread<void> {
  return spawn(() => {
    try {
      sleep(Infinity);
    } finally {
      seen.push('cleaned up');
    }
  });
}

test('`using` in a green thread kills, and waits for the end', async () => {
  const seen: string[] = [];
  await run(() => {
    {
      using thread = sleeper(seen);
      sleep(0);
      seen.push(thread.state);
    }
    seen.push('after the scope');
  });
  expect(seen).toEqual(['suspended', 'cleaned up', 'after the scope']);
});

test('`using` kills when the scope is left by an error, which stays the error', async () => {
  const seen: string[] = [];
  const error = new Error('mine');
  const body = (): void => {
    using _thread = sleeper(seen);
    sleep(0);
    throw error;
  };
  await expect(run(body)).rejects.toBe(error);
  expect(seen).toEqual(['cleaned up']);
});

test('`using` of a green thread that has ended does nothing', async () => {
  const thread = spawn(() => 'value');
  await run(() => {
    using used = thread;
    used.wait();
  });
  expect(thread.state).toBe('done');
});

test('`using` a green thread that failed does not throw its error', async () => {
  const value = await run(() => {
    using thread = spawn(() => {
      throw new Error('broken');
    });
    thread.link(() => undefined);
    sleep(0);
    return 'fine';
  });
  expect(value).toBe('fine');
});

test('dispose outside of green threads kills without waiting', async () => {
  const seen: string[] = [];
  const thread = sleeper(seen);
  await run(() => sleep(0));
  thread[Symbol.dispose]();
  expect(thread.dead).toBe(false);
  await run(() => thread.join());
  expect(thread.state).toBe('killed');
});

test('`await using` in async code kills, and waits for the end', async () => {
  const seen: string[] = [];
  {
    await using _thread = sleeper(seen);
    await run(() => sleep(0));
  }
  seen.push('after the scope');
  expect(seen).toEqual(['cleaned up', 'after the scope']);
});

test('asyncDispose of one that fails while it cleans up resolves all the same', async () => {
  const thread = spawn(() => {
    try {
      sleep(Infinity);
    } finally {
      // eslint-disable-next-line no-unsafe-finally -- a cleanup that fails is what this test is about
      throw new Error('while cleaning up');
    }
  });
  await run(() => sleep(0));
  await thread[Symbol.asyncDispose]();
  expect(thread.state).toBe('failed');
});

test('dispose by the green thread itself does nothing', async () => {
  const thread: GreenThread<string> = spawn(() => {
    thread[Symbol.dispose]();
    return 'went on';
  });
  expect(await thread).toBe('went on');
});

test('a second kill does not cut the wait for the end short, and comes at the next suspension', async () => {
  const seen: string[] = [];
  const outer = spawn(() => {
    try {
      using _inner = spawn(() => {
        try {
          sleep(Infinity);
        } finally {
          for (let pass = 0; pass < 5; pass += 1) {
            try {
              sleep(1);
            } catch {
              seen.push('still cleaning up');
            }
          }
          seen.push('inner is done');
        }
      });
      sleep(Infinity);
    } catch (error) {
      seen.push((error as Error).message);
    }
    sleep(Infinity);
  });
  await run(() => {
    sleep(0);
    outer.kill(new Error('first'));
    sleep(0);
    outer.kill(new Error('second'));
    outer.join();
  });
  expect(seen.slice(-2)).toEqual(['inner is done', 'first']);
  expect((outer.error as Error).message).toBe('second');
});

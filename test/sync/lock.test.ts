// Lock and RLock: who has it, who may release it, and that it passes from one to the next.
import { joinAll, Lock, RLock, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

describe.each([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
])('%s', (name, make) => {
  test('keeps all others out until it is released', async () => {
    const lock = make();
    const order: string[] = [];
    await run(() => {
      const threads = ['a', 'b', 'c'].map((each) =>
        spawn(() => {
          using _ = lock.hold();
          order.push(`${each} in`);
          sleep(1);
          order.push(`${each} out`);
        }),
      );
      joinAll(threads);
    });
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(lock.locked()).toBe(false);
  });

  test('is refused at once, or after a while, to who does not want to wait', async () => {
    const lock = make();
    const seen = await run(() => {
      using _ = lock.hold();
      return spawn(() => [lock.acquire({ blocking: false }), lock.acquire({ timeout: 2 })]).wait();
    });
    expect(seen).toEqual([false, false]);
  });

  test('is not lost with a killed waiter that was handed it', async () => {
    const lock = make();
    await run(() => {
      lock.acquire();
      const victim = spawn(() => {
        using _ = lock.hold();
        sleep(Infinity);
      });
      sleep(0);
      lock.release();
      victim.kill();
      victim.join();
      expect(lock.acquire({ timeout: 1 })).toBe(true);
      lock.release();
    });
  });

  test('cannot be released when nobody has it', async () => {
    const expected = name === 'Lock' ? 'ERR_VERDANT_NOT_LOCKED' : 'ERR_VERDANT_NOT_OWNER';
    const lock = make();
    await run(() => {
      expect(thrown(() => lock.release())).toEqual(code(expected));
      using _ = lock.hold();
    });
    expect(thrown(() => lock.release())).toEqual(code(expected));
    expect(lock.locked()).toBe(false);
  });

  test('names itself when its hold() times out', async () => {
    const lock = make();
    await run(() => {
      using _ = lock.hold();
      const error = spawn(() => thrown(() => lock.hold({ timeout: 1 }))).wait() as Error;
      expect(error).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(error.message).toBe(`${name}.hold() timed out after 1 ms`);
    });
  });
});

describe('a Lock', () => {
  test('has no owner: another thread, or plain code, may release it', async () => {
    const lock = new Lock();
    await run(() => {
      lock.acquire();
      spawn(() => lock.release()).join();
      lock.acquire();
    });
    lock.release();
    expect([lock.locked(), lock.acquire({ blocking: false })]).toEqual([false, true]);
  });

  test('that is acquired twice by one waits like anybody', async () => {
    expect(
      await run(() => {
        const lock = new Lock();
        return [lock.acquire(), lock.acquire({ timeout: 1 })];
      }),
    ).toEqual([true, false]);
  });
});

describe('an RLock', () => {
  test('can be acquired again by its owner, and is free after as many releases', async () => {
    const lock = new RLock();
    await run(() => {
      const free = (): unknown => spawn(() => lock.acquire({ blocking: false }) && (lock.release(), true)).wait();
      lock.acquire();
      lock.acquire();
      expect(lock.statistics()).toMatchObject({ depth: 2, waiting: 0 });
      expect(free()).toBe(false);
      lock.release();
      expect(free()).toBe(false);
      lock.release();
      expect(free()).toBe(true);
    });
    expect(lock.statistics()).toEqual({ owner: null, depth: 0, waiting: 0 });
  });

  test('can be released by its owner only', async () => {
    const lock = new RLock();
    await run(() => {
      lock.acquire();
      expect(spawn(() => thrown(() => lock.release())).wait()).toEqual(code('ERR_VERDANT_NOT_OWNER'));
      expect(lock.statistics().depth).toBe(1);
      lock.release();
    });
  });

  test('belongs at once to whom it is handed, before they run', async () => {
    const lock = new RLock();
    await run(() => {
      lock.acquire();
      const next = spawn(() => {
        lock.acquire();
        lock.release();
      });
      sleep(0);
      lock.release();
      expect(lock.statistics()).toEqual({ owner: next.id, depth: 1, waiting: 0 });
      expect(lock.acquire({ blocking: false })).toBe(false);
      next.join();
    });
  });

  test.each([[undefined], [{ blocking: false }]])('needs a green thread to own it: acquire(%p)', (options) => {
    const lock = new RLock();
    const error = thrown(() => lock.acquire(options)) as Error;
    expect(error).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    expect(error.message).toContain('RLock.acquire()');
    expect(lock.locked()).toBe(false);
  });
});

test('a green thread that nothing can reach any more is unwound although it has locks, and they are free again', () =>
  expectOk(__dirname, 'orphaned_owner.cjs', { flags: ['--expose-gc'] }));

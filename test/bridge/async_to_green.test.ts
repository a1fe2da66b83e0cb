// asyncToGreen() and greenToAsync(): functions of one world for callers of the other.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { asyncToGreen, getCurrent, greenToAsync, sleep, spawn, wait } from 'verdant';
import { errorOf, green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

describe('asyncToGreen', () => {
  it('makes a function that blocks until the promise settles and returns its value', async () => {
    const pause = asyncToGreen((ms: number, value: string) => delay(ms, value));
    expect(await green(() => pause(1, 'a') + pause(1, 'b'))).toBe('ab');
  });

  it('throws the very error', async () => {
    const error = new Error('x');
    const fail = asyncToGreen(async () => {
      await delay(1);
      throw error;
    });
    expect(await errorOf(() => fail())).toBe(error);
  });

  it('throws what the function throws at once', async () => {
    const error = new Error('sync');
    const fail = asyncToGreen((): Promise<void> => {
      throw error;
    });
    expect(await errorOf(() => fail())).toBe(error);
  });

  it('passes this and all arguments', async () => {
    const object = {
      base: 1,
      sum: asyncToGreen(async function (this: { base: number }, ...rest: number[]) {
        return rest.reduce((sum, n) => sum + n, this.base);
      }),
    };
    expect(await green(() => object.sum(2, 3))).toBe(6);
  });

  it('keeps name and length', () => {
    const wrapped = asyncToGreen(async function fetchRow(_id: number, _table: string) {
      return 1;
    });
    expect([wrapped.name, wrapped.length]).toEqual(['fetchRow', 2]);
  });

  it('returns the value of a function that returns no promise', async () => {
    expect(await green(asyncToGreen(() => 5))).toBe(5);
  });

  it('does not call the function outside a green thread', () => {
    let called = false;
    const wrapped = asyncToGreen(async () => {
      called = true;
    });
    expect(thrownBy(() => wrapped())).toMatchObject({ code: 'ERR_VERDANT_NOT_GREEN' });
    expect(called).toBe(false);
  });

  it('lets other green threads run meanwhile', async () => {
    const order: string[] = [];
    const pause = asyncToGreen(delay);
    const slow = spawn(() => {
      pause(5);
      order.push('slow');
    });
    const quick = spawn(() => order.push('quick'));
    await Promise.all([slow, quick]);
    expect(order).toEqual(['quick', 'slow']);
  });

  it('refuses what is no function', () => {
    expect(thrownBy(() => asyncToGreen(5 as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe('greenToAsync', () => {
  it('makes a function whose calls each run on a green thread of their own', async () => {
    const work = greenToAsync((n: number) => {
      sleep(1);
      return [getCurrent()?.id, n];
    });
    const [[first, one], [second, two]] = await Promise.all([work(1), work(2)]);
    expect([one, two]).toEqual([1, 2]);
    expect(typeof first).toBe('number');
    expect(first).not.toBe(second);
  });

  it('returns a promise, and does not run inside of the call', async () => {
    let ran = false;
    const promise = greenToAsync(() => {
      ran = true;
    })();
    expect([promise instanceof Promise, ran]).toEqual([true, false]);
    await promise;
    expect(ran).toBe(true);
  });

  it('rejects with the very error', async () => {
    const error = new Error('x');
    const fail = greenToAsync(() => {
      sleep(0);
      throw error;
    });
    expect(await outcomeOf(fail())).toEqual({ error });
  });

  it('passes this and all arguments, keeps name and length', async () => {
    const object = {
      base: 1,
      sum: greenToAsync(function sum(this: { base: number }, a: number, b: number) {
        sleep(0);
        return this.base + a + b;
      }),
    };
    expect(await object.sum(2, 3)).toBe(6);
    expect([object.sum.name, object.sum.length]).toEqual(['sum', 2]);
  });

  it('names the green thread after the function', async () => {
    const named = greenToAsync(function indexDocuments() {
      return getCurrent()?.name;
    });
    expect(await named()).toBe('indexDocuments');
  });

  it('inherits AsyncLocalStorage from each caller', async () => {
    const storage = new AsyncLocalStorage<number>();
    const store = greenToAsync(() => {
      sleep(0);
      return storage.getStore();
    });
    expect(await Promise.all([storage.run(1, store), storage.run(2, store), store()])).toEqual([1, 2, undefined]);
  });

  it('may be called from a green thread, which waits for it', async () => {
    const work = greenToAsync(() => {
      sleep(1);
      return 'inner';
    });
    expect(await green(() => wait(work()))).toBe('inner');
  });

  it('is undone by asyncToGreen, and the other way round', async () => {
    const there = asyncToGreen(greenToAsync((n: number) => n + 1));
    expect(await green(() => there(1))).toBe(2);
    const back = greenToAsync(asyncToGreen(async (n: number) => n + 1));
    expect(await back(1)).toBe(2);
  });

  it('refuses what is no function', () => {
    expect(thrownBy(() => greenToAsync(5 as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe('greenToAsync as a decorator', () => {
  // A decorator cannot change the type of a method: TypeScript wants one that admits the promise.
  class Account {
    #balance: number;
    static opened = 0;

    constructor(balance: number) {
      this.#balance = balance;
    }

    @greenToAsync
    withdraw(amount: number): number | Promise<number> {
      sleep(1);
      if (amount > this.#balance) throw new RangeError('too much');
      this.#balance -= amount;
      return this.#balance;
    }

    @greenToAsync
    static open(balance: number): Account | Promise<Account> {
      sleep(0);
      this.opened += 1;
      return new this(balance);
    }

    @greenToAsync
    #secret(): number | Promise<number> {
      sleep(0);
      return this.#balance * 2;
    }

    async doubled(): Promise<number> {
      return await this.#secret();
    }
  }

  it('makes a method async, with private fields at hand', async () => {
    await expect(new Account(10).withdraw(3)).resolves.toBe(7);
  });

  it('rejects with what the method throws', async () => {
    await expect(new Account(1).withdraw(3)).rejects.toThrow('too much');
  });

  it('makes a static method async', async () => {
    const account = await Account.open(5);
    expect(account).toBeInstanceOf(Account);
    expect(Account.opened).toBe(1);
  });

  it('makes a private method async', async () => {
    expect(await new Account(4).doubled()).toBe(8);
  });

  it('keeps name and length of the method', () => {
    expect([Account.prototype.withdraw.name, Account.prototype.withdraw.length]).toEqual(['withdraw', 1]);
  });

  it('calls the method of a subclass and of super', async () => {
    class Savings extends Account {
      @greenToAsync
      override withdraw(amount: number): number | Promise<number> {
        return wait(super.withdraw(amount)) + 1000;
      }
    }
    await expect(new Savings(10).withdraw(3)).resolves.toBe(1007);
  });

  it.each(['getter', 'setter', 'field', 'accessor', 'class'])('refuses to decorate a %s', (kind) => {
    const decorate = greenToAsync as (value: unknown, context: unknown) => unknown;
    const error = thrownBy(() => decorate(() => 1, { kind, name: 'x' }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(error.message).toContain(kind);
  });

  it('runs interleaved calls of one method as green threads side by side', async () => {
    const account = new Account(10);
    const results = await Promise.all([account.withdraw(1), account.withdraw(2), account.withdraw(3)]);
    await turnOfTheHub();
    expect(results).toEqual([9, 7, 4]);
  });
});

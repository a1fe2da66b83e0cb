// The types of what `blocking` gives: the compiler checks them, the calls show that they say what happens.
import { type Redis } from 'ioredis';
import { type Blocking, blocking, run } from 'verdant';

class Finder {
  find(id: number): Promise<string>;
  find(name: string, strict: boolean): Promise<number>;
  find(id: number | string): Promise<string | number> {
    return Promise.resolve(typeof id === 'number' ? String(id) : id.length);
  }

  count(): Promise<number> {
    return Promise.resolve(7);
  }

  first<T>(items: T[]): Promise<T | undefined> {
    return Promise.resolve(items[0]);
  }

  anything(...args: unknown[]): unknown {
    return args.length;
  }
}

const view = blocking(new Finder());

describe('the type of a view says that', () => {
  test('a method without parameters gives what its promise would', async () => {
    const count: number = await run(() => view.count());
    expect(count).toBe(7);
  });

  test('a method with several signatures has all of them', async () => {
    const found = await run((): [string, number] => [view.find(12), view.find('abc', true)]);
    expect(found).toEqual(['12', 3]);
    // @ts-expect-error -- no signature has this
    await run(() => view.find('abc'));
  });

  test('a generic method takes its arguments', async () => {
    await expect(run(() => view.first([1, 2]))).resolves.toBe(1);
  });

  test('a method that takes anything takes it still', () => {
    expect(view.anything(1, 'a', null)).toBe(3);
  });

  test("a method with very many signatures has the first ones, too: Redis' set", () => {
    const set = (client: Blocking<Redis>): string | null => client.set('key', 'value');
    const get = (client: Blocking<Redis>): string | null => client.get('key');
    const client = blocking({ set: () => Promise.resolve('OK'), get: () => null }) as unknown as Blocking<Redis>;
    expect(get(client)).toBeNull();
    return expect(run(() => set(client))).resolves.toBe('OK');
  });
});

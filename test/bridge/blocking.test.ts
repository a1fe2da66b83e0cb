// blocking(): a view on which promise-returning methods block, and everything else is as on the original.
import { EventEmitter } from 'node:events';
import { blocking, getCurrent, type GreenThread, iterate, sleep, spawn } from 'verdant';
import { deferred, never } from './support/deferred';
import { abortListeners, errorOf, green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

class Client {
  #url: string;
  #queries = 0;
  static made = 0;
  readonly options = { retries: 2, hooks: { before: async (n: number) => n + 1 } };
  label = 'client';

  constructor(url = 'db://x') {
    this.#url = url;
    Client.made += 1;
  }

  static async connect(url: string): Promise<string> {
    await Promise.resolve();
    return `${this.name} to ${url}`;
  }

  static count(): number {
    return this.made;
  }

  get url(): string {
    return this.#url;
  }

  set url(url: string) {
    this.#url = url;
  }

  get ready(): Promise<string> {
    return Promise.resolve(this.#url);
  }

  get broken(): never {
    throw new Error('getter');
  }

  async query(text: string): Promise<string> {
    this.#queries += 1;
    await Promise.resolve();
    return `${this.#url}: ${text}`;
  }

  async fail(error: unknown): Promise<never> {
    await Promise.resolve();
    throw error;
  }

  failAtOnce(error: unknown): Promise<never> {
    throw error;
  }

  queries(): number {
    return this.#queries;
  }

  self(): this {
    return this;
  }

  isSame(other: Client): boolean {
    return #queries in other && other.#queries === this.#queries;
  }

  async *rows(count: number) {
    for (let row = 0; row < count; row += 1) yield `${this.#url}/${row}`;
  }
}

describe('blocking, on a green thread,', () => {
  it('makes async methods return their value', async () => {
    expect(await green(() => blocking(new Client()).query('a'))).toBe('db://x: a');
  });

  it('makes async methods throw their very error', async () => {
    const error = new Error('x');
    expect(await errorOf(() => blocking(new Client()).fail(error))).toBe(error);
  });

  it('throws what a method throws at once', async () => {
    const error = new Error('x');
    expect(await errorOf(() => blocking(new Client()).failAtOnce(error))).toBe(error);
  });

  it('returns a result that is no promise as it is, the same object', async () => {
    const result = { rows: [] };
    expect(await green(() => blocking({ last: () => result }).last() === result)).toBe(true);
  });

  it('waits for a thenable', async () => {
    const thenable = { then: (fulfil: (value: string) => void) => setImmediate(fulfil, 'thenable') };
    expect(await green(() => blocking({ query: () => thenable }).query() as unknown)).toBe('thenable');
  });

  it('waits for a green thread that a method returns', async () => {
    const work = { start: () => spawn(() => 'green') };
    expect(await green(() => blocking(work).start() as unknown)).toBe('green');
  });

  it('lets other green threads run while a method blocks', async () => {
    const gate = deferred<string>();
    const blocked = green(() => blocking({ wait: () => gate.promise }).wait());
    await green(() => gate.resolve('opened'));
    expect(await blocked).toBe('opened');
  });

  it('is interrupted by a kill', async () => {
    const thread = spawn(() => blocking({ wait: () => never() }).wait());
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect(thread.state).toBe('killed');
  });

  it('passes signals on to the client', async () => {
    const { signal } = new AbortController();
    const seen = await green(() => blocking({ take: async (s: AbortSignal) => s === signal }).take(signal));
    expect([seen, abortListeners(signal)]).toEqual([true, 0]);
  });

  it('calls the method on the calling green thread', async () => {
    const seen = await green(() => {
      const caller = getCurrent();
      return blocking({ isOn: async () => getCurrent() === caller }).isOn();
    });
    expect(seen).toBe(true);
  });
});

describe("blocking's view keeps", () => {
  it('this with its private fields in methods, getters and setters', async () => {
    const client = new Client();
    const view = blocking(client);
    view.url = 'db://y';
    await green(() => view.query('b'));
    expect([view.url, view.queries(), client.url]).toEqual(['db://y', 1, 'db://y']);
  });

  it('a getter that gives a promise as it is', async () => {
    await expect(blocking(new Client()).ready).resolves.toBe('db://x');
  });

  it('the error of a getter', () => {
    expect(thrownBy(() => blocking(new Client()).broken)).toMatchObject({ message: 'getter' });
  });

  it('fields, which are written through', () => {
    const client = new Client();
    const view = blocking(client);
    view.label = 'renamed';
    expect([client.label, view.label]).toEqual(['renamed', 'renamed']);
  });

  it('keys, `in`, delete, JSON and the prototype', () => {
    const client: { a?: number; b: number } = { a: 1, b: 2 };
    const view = blocking(client);
    expect([Object.keys(view), 'a' in view, JSON.stringify(view)]).toEqual([['a', 'b'], true, '{"a":1,"b":2}']);
    delete (view as typeof client).a;
    expect(client).toEqual({ b: 2 });
    expect(Object.getPrototypeOf(view)).toBe(Object.prototype);
  });

  it('instanceof', () => {
    expect(blocking(new Client())).toBeInstanceOf(Client);
    expect(blocking(new Client())).toBeInstanceOf(blocking(Client) as unknown as typeof Client);
  });

  it('its own identity: one view for one object, also of its parts', () => {
    const client = new Client();
    const view = blocking(client);
    expect(blocking(client)).toBe(view);
    expect(blocking(view)).toBe(view);
    expect(view.query).toBe(view.query);
    expect(view.options.hooks).toBe(view.options.hooks);
  });

  it('its identity in methods that return this: a chain of calls goes on blocking', async () => {
    const view = blocking(new Client());
    expect(Object.is(view.self(), view)).toBe(true);
    const emitter = blocking(Object.assign(new EventEmitter(), { load: async () => 'loaded' }));
    expect(await green(() => emitter.on('x', () => undefined).load())).toBe('loaded');
  });

  it('a method borrowed with call, apply or bind blocking, on the original', async () => {
    const view = blocking(new Client());
    const bound = view.query.bind(view);
    expect(await green(() => [view.query.call(view, 'c'), view.query.apply(view, ['a']), bound('b')])).toEqual([
      'db://x: c',
      'db://x: a',
      'db://x: b',
    ]);
  });

  it('a method taken off its object callable with another this', async () => {
    const { query } = blocking(new Client());
    expect(await green(() => Reflect.apply(query, new Client('db://other'), ['q']))).toBe('db://other: q');
  });

  it('private fields within reach when one view is given to a method of another', () => {
    const view = blocking(new Client());
    expect(view.isSame(blocking(new Client()) as never)).toBe(true);
  });

  it('async iterators as they are, for iterate', async () => {
    const rows = await green(() => [...iterate(blocking(new Client()).rows(2) as never)]);
    expect(rows).toEqual(['db://x/0', 'db://x/1']);
  });

  it('name, length and the constructor', () => {
    const view = blocking(new Client());
    expect([view.query.name, view.query.length]).toEqual(['query', 1]);
    expect(view.constructor).toBe(Client);
  });

  it('a tagged or inherited method of a subclass blocking', async () => {
    class Special extends Client {
      override async query(text: string): Promise<string> {
        return `special ${await super.query(text)}`;
      }
    }
    expect(await green(() => blocking(new Special()).query('s'))).toBe('special db://x: s');
  });
});

describe('blocking on classes', () => {
  it('makes static methods block, with the class as this', async () => {
    expect(await green(() => blocking(Client).connect('db://s'))).toBe('Client to db://s');
  });

  it('leaves other static members alone', () => {
    expect(blocking(Client).count()).toBe(Client.made);
  });

  it('makes instances that block, that are instances of the class', async () => {
    const BlockingClient = blocking(Client) as unknown as new (url: string) => { query: (text: string) => string };
    const client = new BlockingClient('db://n');
    expect(client).toBeInstanceOf(Client);
    expect(client).toBeInstanceOf(BlockingClient);
    expect(await green(() => client.query('n'))).toBe('db://n: n');
  });

  it('can be extended, with private fields in the subclass', async () => {
    class Tracer extends (blocking(Client) as unknown as typeof Client) {
      #traces = 0;
      trace(): number {
        this.#traces += 1;
        return this.#traces;
      }
    }
    const tracer = new Tracer('db://t');
    expect([tracer.trace(), tracer.trace(), tracer instanceof Client]).toEqual([1, 2, true]);
  });

  it('rejects a call of a class without new, as the class does', () => {
    expect(thrownBy(() => (blocking(Client) as unknown as () => unknown)())).toBeInstanceOf(TypeError);
  });
});

describe('blocking on namespaces', () => {
  const library = {
    version: 1,
    users: { admin: { get: async (id: number) => ({ id }) } },
    Client,
    bare: Object.assign(Object.create(null), { ping: async () => 'pong' }) as { ping: () => Promise<string> },
  };

  it('goes as deep as they do', async () => {
    expect(await green(() => blocking(library).users.admin.get(7))).toEqual({ id: 7 });
  });

  it('sees objects without a prototype', async () => {
    expect(await green(() => blocking(library).bare.ping())).toBe('pong');
  });

  it('sees classes in them', async () => {
    const made = await green(
      () => new (blocking(library).Client as never as new () => Client)().query('ns') as unknown,
    );
    expect(made).toBe('db://x: ns');
  });

  it('sees plain objects held by instances', async () => {
    expect(await green(() => blocking(new Client()).options.hooks.before(1))).toBe(2);
  });

  it('leaves instances held by fields, arrays, maps and dates as they are', () => {
    const inner = { client: new Client(), list: [1], map: new Map([[1, 2]]), date: new Date(0), regexp: /x/ };
    const view = blocking(inner);
    expect([view.client, view.list, view.map.get(1), view.date.getTime(), view.regexp.test('x')]).toEqual([
      inner.client,
      inner.list,
      2,
      0,
      true,
    ]);
    expect(view.client).toBe(inner.client);
  });

  it('may be recursive', () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    const view = blocking(ring) as { self: unknown };
    expect(view.self).toBe(view);
  });

  it('obeys the rules for frozen objects and constant properties', () => {
    const frozen = Object.freeze({ query: async () => 'frozen', options: { a: 1 } });
    const constant = Object.defineProperty({}, 'query', { value: async () => 'constant' }) as { query: () => unknown };
    expect(() => [blocking(frozen).query, blocking(constant).query]).not.toThrow();
    expect(blocking(frozen).options).toEqual({ a: 1 });
  });

  it('sees constant properties as they are, as the language wants: their methods do not block', async () => {
    const frozen = Object.freeze({ query: async () => 'frozen' });
    expect(blocking(frozen).query).toBe(frozen.query);
    await expect(blocking(frozen).query()).resolves.toBe('frozen');
  });

  it('refuses writes to frozen objects as the original does', () => {
    const frozen = Object.freeze({ a: 1 }) as { a: number };
    expect(thrownBy(() => (blocking(frozen).a = 2))).toBeInstanceOf(TypeError);
    expect(frozen.a).toBe(1);
  });
});

describe('blocking on functions', () => {
  it('makes an async function block', async () => {
    const view = blocking(async (n: number) => n + 1);
    expect(await green(() => view(1))).toBe(2);
  });

  it('sees the functions that hang on a function', async () => {
    const fetchLike = Object.assign(async () => 'default', { post: async () => 'post' });
    const view = blocking(fetchLike);
    expect(await green(() => [view(), view.post()])).toEqual(['default', 'post']);
  });
});

describe('blocking outside a green thread', () => {
  it('returns results that are no promises', () => {
    expect(blocking(new Client()).queries()).toBe(0);
  });

  it('throws NotGreenError where it would have to wait', () => {
    expect(thrownBy(() => blocking(new Client()).query('x'))).toMatchObject({ code: 'ERR_VERDANT_NOT_GREEN' });
  });

  it('refuses what is no object', () => {
    for (const value of [null, undefined, 5, 'x']) {
      expect(thrownBy(() => blocking(value as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    }
  });
});

describe('many green threads on one view', () => {
  it('each get their own answer', async () => {
    const view = blocking({
      get: async (n: number) => {
        await new Promise((resolve) => setImmediate(resolve));
        return n;
      },
    });
    const threads: GreenThread[] = Array.from({ length: 200 }, (_, n) =>
      spawn(() => {
        sleep(0);
        return view.get(n);
      }),
    );
    expect(await Promise.all(threads)).toEqual(threads.map((_, n) => n));
  });
});

// DbPool under random borrowers, kills, timeouts, aborts, refusals and breakdowns: no connection and no place is ever lost,
// never are there more than max, nobody shares one, and those who wait are served in their order.
import fc from 'fast-check';
import { type GreenThread, run, sleep, spawn, wait } from 'verdant';
import { DbPool } from 'verdant/db';
import { useVirtualClock, type VirtualClock } from 'verdant/testing';
import { type FakeClient, FakeServer } from './support/fake_server';

const histories = Number(process.env.VERDANT_HISTORIES ?? 200);
const seed = Number(process.env.VERDANT_SEED ?? Date.now() % 1_000_000_000);

type Operation =
  | { kind: 'borrow'; hold: number; timeout: number | undefined; aborts: boolean; fails: boolean }
  | { kind: 'kill' | 'abort'; which: number }
  | { kind: 'refuse' | 'clear' | 'prune' | 'break' }
  | { kind: 'pass'; ms: number };

const small = fc.integer({ min: 0, max: 8 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('borrow' as const),
      hold: small,
      timeout: fc.option(small, { nil: undefined }),
      aborts: fc.boolean(),
      fails: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'abort' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('refuse', 'clear', 'prune', 'break') as fc.Arbitrary<'clear'> }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 5 }) }) },
);

const limits = fc
  .record({
    max: fc.integer({ min: 1, max: 3 }),
    min: fc.integer({ min: 0, max: 1 }),
    maxIdle: fc.constantFrom(0, 5, 1000),
    maxAge: fc.constantFrom(0, 10, 1000),
    connectTimeout: fc.constantFrom(2, 1000),
    cleanupTimeout: fc.constantFrom(2, 1000),
  })
  .chain((fixed) => fc.record({ fixed: fc.constant(fixed), connectMs: small, closeMs: small, cleanMs: small }));

function play(
  settings: { fixed: object & { max: number }; connectMs: number; closeMs: number; cleanMs: number },
  operations: Operation[],
): void {
  const server = new FakeServer();
  server.connectMs = settings.connectMs;
  // A client that cannot be cut closes in its own time; the model's limit on open ones needs it to keep to it.
  server.closeMs = Math.min(settings.closeMs, 1);
  const clients: FakeClient[] = [];
  const pool = new DbPool<FakeClient>({
    ...settings.fixed,
    connect: () => {
      const client = server.connect();
      clients.push(client);
      return client;
    },
    cleanup: (client) => {
      sleep(settings.cleanMs);
      client.rollback();
    },
    onError: () => undefined,
  });
  const served: number[] = [];
  const borrowers: { thread: GreenThread; controller: AbortController }[] = [];

  const borrow = ({ hold, timeout, aborts, fails }: Operation & { kind: 'borrow' }): void => {
    const number = borrowers.length;
    const controller = new AbortController();
    const thread = spawn(() => {
      try {
        pool.prune();
        const { idle, waiting } = pool.statistics();
        if (idle > 0) expect(waiting).toBe(0); // nobody is overtaken
        pool.use(
          (client) => {
            if (idle === 0) served.push(number);
            expect(client.users).toBe(0);
            expect(client.inTransaction).toBe(false);
            client.users += 1;
            try {
              client.query('BEGIN');
              sleep(hold);
              if (fails) throw new Error('of the borrower');
            } finally {
              client.users -= 1;
            }
          },
          { timeout, signal: aborts ? controller.signal : undefined },
        );
      } catch (error) {
        if ((error as Error).name === 'JestAssertionError' || (error as Error).message.includes('expect(')) throw error;
      }
    });
    borrowers.push({ thread, controller });
  };

  for (const next of operations) {
    if (next.kind === 'borrow') borrow(next);
    else if (next.kind === 'kill' && borrowers.length > 0) borrowers[next.which % borrowers.length]!.thread.kill();
    else if (next.kind === 'abort' && borrowers.length > 0) {
      borrowers[next.which % borrowers.length]!.controller.abort();
    } else if (next.kind === 'refuse') server.refuse.push(new Error('refused'));
    else if (next.kind === 'clear') pool.clear();
    else if (next.kind === 'prune') pool.prune();
    else if (next.kind === 'break') clients.at(-1)?.breakDown();
    else if (next.kind === 'pass') sleep(next.ms);
    const { size, idle, inUse, opening } = pool.statistics();
    expect(size).toBeLessThanOrEqual(settings.fixed.max);
    expect(idle + inUse + opening).toBeLessThanOrEqual(size);
  }
  for (const { thread } of borrowers) {
    thread.join();
    if (thread.state === 'failed') throw thread.error;
  }
  // Those who had to wait were served as they had come: who gave up is missing, nobody is out of turn.
  expect(served).toEqual([...served].sort((a, b) => a - b));
  expect(pool.statistics()).toMatchObject({ inUse: 0, waiting: 0 });
  // Whatever happened, the pool still has all its places.
  server.refuse.length = 0;
  server.connectMs = 0;
  sleep(20);
  const held = Array.from({ length: settings.fixed.max }, () => pool.get({ timeout: 100 }));
  for (const client of held) pool.put(client);
  wait(pool.close());
  sleep(20);
  expect([pool.statistics().size, server.open]).toEqual([0, 0]);
  expect(server.most).toBeLessThanOrEqual(settings.fixed.max);
}

describe(`${histories} random histories (VERDANT_SEED=${seed})`, () => {
  let clock: VirtualClock;
  beforeAll(() => {
    clock = useVirtualClock();
  });
  afterAll(() => clock.restore());

  test('lose nothing and share nothing', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(operation, { maxLength: 40 }), async (settings, operations) => {
        await run(() => play(settings, operations));
      }),
      { numRuns: histories, seed },
    );
  }, 600_000);
});

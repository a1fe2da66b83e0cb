// TPool under random calls, timeouts, aborts, kills, deaths of threads, resizes and killAll: every call ends as it should,
// gets its own answer and no other's, and the pool is whole afterwards.
import fc from 'fast-check';
import { type GreenThread, isTimeout, run, sleep, spawn } from 'verdant';
import { TPool } from 'verdant/tpool';

// Each makes and ends real threads, so there are fewer than elsewhere.
const histories = Math.ceil(Number(process.env.VERDANT_HISTORIES ?? 100) / 10);
const seed = Number(process.env.VERDANT_SEED ?? Date.now() % 1_000_000_000);

type Operation =
  | { kind: 'call'; ms: number; end: 'return' | 'throw' | 'die' | 'loop'; timeout: number | undefined }
  | { kind: 'kill' | 'abort'; which: number }
  | { kind: 'resize'; size: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'killAll' };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      ms: fc.integer({ min: 0, max: 4 }),
      end: fc.constantFrom('return' as const, 'return' as const, 'throw' as const, 'die' as const, 'loop' as const),
      timeout: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'abort' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resize' as const), size: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'killAll' as const }) },
);

/** Runs on the other thread. */
function task(number: number, ms: number, end: string): number {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  if (end === 'throw') throw new RangeError(`thrown by ${number}`);
  if (end === 'die') process.exit(1);
  while (end === 'loop');
  return number;
}

interface Call {
  thread: GreenThread;
  controller: AbortController;
  killed: boolean;
}

function play(pool: TPool, operations: Operation[]): void {
  const calls: Call[] = [];
  const abortReason = new Error('aborted');
  let killedAll = false;

  const call = (number: number, { ms, end, timeout }: Operation & { kind: 'call' }): Call => {
    const controller = new AbortController();
    const thread = spawn(() => {
      // What loops needs somebody to end it.
      const options = { timeout: end === 'loop' ? (timeout ?? 40) : timeout, signal: controller.signal };
      try {
        expect(pool.execute(options, task, number, ms, end)).toBe(number);
        expect(end).toBe('return');
      } catch (error) {
        const { code, message } = error as { code?: unknown; message: string };
        if (end === 'throw' && message === `thrown by ${number}`) return;
        if (end === 'die' && code === 'ERR_VERDANT_WORKER_DIED') return;
        if (killedAll && code === 'ERR_VERDANT_CLOSED') return;
        if (controller.signal.aborted && error === abortReason) return;
        if (options.timeout !== undefined && isTimeout(error)) return;
        throw error;
      }
    });
    return { thread, controller, killed: false };
  };

  for (const next of operations) {
    const chosen = 'which' in next && calls.length > 0 ? calls[next.which % calls.length] : undefined;
    if (next.kind === 'call') calls.push(call(calls.length, next));
    else if (next.kind === 'kill' && chosen !== undefined) {
      chosen.killed = true;
      chosen.thread.kill();
    } else if (next.kind === 'abort') chosen?.controller.abort(abortReason);
    else if (next.kind === 'resize') pool.setSize(next.size);
    else if (next.kind === 'pass') sleep(next.ms);
    else if (next.kind === 'killAll') {
      killedAll = true;
      void pool.killAll();
    }
    expect(pool.running()).toBeLessThanOrEqual(3);
  }
  for (const { thread, killed } of calls) {
    thread.join();
    expect(thread.state).toMatch(killed ? /done|killed/ : /done/);
  }
  expect(pool.statistics()).toMatchObject({ running: 0, waiting: 0 });
  const answers = [7, 8, 9].map((number) => spawn(() => pool.execute(task, number, 0, 'return')));
  expect(answers.map((thread) => thread.wait())).toEqual([7, 8, 9]);
}

test(`${histories} random histories (VERDANT_SEED=${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(operation, { maxLength: 20 }),
      async (size, operations) => {
        const pool = new TPool({ size });
        try {
          await run(() => play(pool, operations));
        } finally {
          await pool.killAll();
        }
      },
    ),
    { numRuns: histories, seed },
  );
}, 600_000);

// Readers, senders, closers, killers and aborters at random over socket pairs, on every hub: no byte lost, nobody left.
import * as fc from 'fast-check';
import { type GreenThread, joinAll, run, sleep, spawn, wait, withTimeout } from 'verdant';
import { getHub, useHub, waitReadable } from 'verdant/hub';
import { type Socket, socketPair } from 'verdant/net';
import { describeEveryHub } from '../support/every_hub';

const whats = [
  'send',
  'yield',
  'pass',
  'sleep',
  'killReader',
  'abortReader',
  'watch',
  'close',
  'shutdown',
  'reopen',
] as const;

interface Step {
  what: (typeof whats)[number];
  pair: number;
  size: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    // Most of the time something is sent.
    what: fc.constantFrom(...whats, 'send' as const, 'send' as const, 'send' as const),
    pair: fc.nat(3),
    size: fc.constantFrom(1, 2, 100, 5_000, 300_000),
  }),
  { maxLength: 60 },
);

/** The n-th byte of a stream. */
const byteAt = (index: number): number => (index * 31 + (index >> 8)) & 255;

function piece(from: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let index = 0; index < size; index += 1) bytes[index] = byteAt(from + index);
  return bytes;
}

/** How it ends is looked at later. */
function start<R>(fn: () => R): GreenThread<R> {
  const thread = spawn(fn);
  void thread.catch(() => undefined);
  return thread;
}

/** A stream from one end to the other, and those who work on it. */
class Stream {
  readonly #ends = socketPair();
  #sent = 0;
  #received = 0;
  #cut = false;
  #controller = new AbortController();
  #reader: GreenThread<void>;
  #sender: GreenThread<void> | null = null;
  readonly #others: GreenThread[] = [];

  constructor() {
    this.#reader = this.#read();
  }

  get #left(): Socket {
    return this.#ends[0];
  }

  get #right(): Socket {
    return this.#ends[1];
  }

  /** Counts and checks every byte; whatever interrupts it, another one goes on exactly there. */
  #read(): GreenThread<void> {
    const { signal } = this.#controller;
    return start(() => {
      for (;;) {
        const bytes = this.#receive(signal);
        if (bytes.length === 0) break;
        if (!bytes.equals(piece(this.#received, bytes.length))) throw new Error(`not byte ${this.#received}`);
        this.#received += bytes.length;
      }
    });
  }

  /** A socket lets nobody receive while somebody else waits for its descriptor. */
  #receive(signal: AbortSignal): Buffer {
    for (;;) {
      try {
        return this.#right.recv(4096, { signal });
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ERR_VERDANT_CONCURRENT_USE') throw error;
        sleep(1, { signal });
      }
    }
  }

  send(size: number): void {
    if (this.#cut || (this.#sender !== null && !this.#sender.dead)) return;
    const from = this.#sent;
    this.#sent += size;
    this.#sender = start(() => {
      this.#left.sendAll(piece(from, size));
    });
  }

  killReader(): void {
    this.#reader.kill();
    this.#others.push(this.#reader);
    this.#reader = this.#read();
  }

  abortReader(): void {
    this.#controller.abort(Object.assign(new Error('aborted'), { code: 'ABORTED' }));
    this.#controller = new AbortController();
    this.#others.push(this.#reader);
    this.#reader = this.#read();
  }

  /** Somebody who waits for the descriptor, and takes nothing. */
  watch(): void {
    const watcher = start(() => {
      const { fd } = this.#right;
      if (fd >= 0) waitReadable(fd, { multipleReaders: true, timeout: 3 });
    });
    this.#others.push(watcher);
  }

  shutdown(): void {
    if (!this.#cut && (this.#sender?.dead ?? true) && !this.#left.closed) this.#left.shutdown();
    this.#cut = true;
  }

  /** Everybody who waits is told; nothing more can be said of the bytes. */
  close(): void {
    this.#left.close();
    this.#right.close();
    this.#cut = true;
  }

  /** All that was sent has come, unless it was closed before. */
  finish(): void {
    if (!this.#right.closed) {
      this.#sender?.join();
      if (!this.#left.closed) this.#left.close();
      this.#reader.join();
    }
    const { closed } = this.#right;
    joinAll([...this.#others, this.#reader, ...(this.#sender === null ? [] : [this.#sender])]);
    for (const thread of [...this.#others, this.#reader, this.#sender]) {
      const error = (thread?.error as { code?: unknown } | undefined)?.code ?? thread?.error;
      if (!allowed.includes(error)) throw thread?.error;
    }
    if (!closed) expect(this.#received).toBe(this.#sent);
    else expect(this.#received).toBeLessThanOrEqual(this.#sent);
    this.close();
  }
}

const allowed: unknown[] = [
  undefined,
  'ERR_VERDANT_KILLED',
  'ABORTED',
  'ERR_VERDANT_CLOSED',
  'ERR_VERDANT_TIMEOUT',
  'EPIPE',
];

function play(plan: readonly Step[]): void {
  const streams = Array.from({ length: 4 }, () => new Stream());
  const finished: Stream[] = [];
  for (const { what, pair, size } of plan) {
    const stream = streams[pair]!;
    switch (what) {
      case 'send':
        stream.send(size);
        break;
      case 'yield':
        sleep(0);
        break;
      case 'sleep':
        sleep(1);
        break;
      case 'pass':
        wait(new Promise((resolve) => setImmediate(resolve)));
        break;
      case 'reopen':
        // The new one gets the numbers of the old one.
        stream.close();
        finished.push(stream);
        streams[pair] = new Stream();
        break;
      default:
        stream[what]();
    }
  }
  for (const stream of [...finished, ...streams]) stream.finish();
}

describeEveryHub((name, kind) => {
  test('whatever comes in between', async () => {
    const seed = Number(process.env.VERDANT_SEED ?? Math.floor(Math.random() * 2 ** 31));
    const nothingIsLost = fc.asyncProperty(steps, async (plan) => {
      await run(() => withTimeout(10_000, () => play(plan)));
      expect(getHub().stats()).toMatchObject({ name, greenThreads: 0, listeners: 0, timers: 0 });
    });
    // What a failed run leaves must not fail those that look for a shorter one.
    const afresh = fc.beforeEach(() => {
      getHub().destroy();
      useHub(kind);
    });
    // A failure prints the seed.
    await fc.assert(nothingIsLost, { seed, numRuns: 60, plugins: [afresh] });
  });
});

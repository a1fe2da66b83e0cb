import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Transferable } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { wait } from '../bridge/wait';
import { ClosedError, VerdantError } from '../errors';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions, type Waker } from '../park';
import { captureSpawnStack } from '../spawn_stack';
import { invalidType, validateCount, validateMilliseconds, validateObject } from '../validate';
import { type Reply, type Request, workerMark } from './messages';
import { type ModuleProxy, moduleProxy } from './module_proxy';
import { describeTarget, isModuleFunction, type ModuleFunction, type Target } from './target';
import { perform } from './perform';
import { rebuildThrown } from './thrown';

/** What `execute` may be told beside the function. */
export interface ExecuteOptions extends BlockingOptions {
  /** What is moved to the thread in place of being copied: ArrayBuffers, MessagePorts, streams among the arguments. */
  transfer?: readonly Transferable[] | undefined;
}

/** See {@link TPool}. */
export interface TPoolOptions {
  /** How many threads there may be. 0: everything runs in the caller's thread. Default: one for each CPU, at least 4. */
  size?: number | undefined;
  /** Milliseconds after which an idle thread ends. Default 10,000. */
  idleTimeout?: number | undefined;
  /** Limits on each thread's memory, as for `Worker`. */
  resourceLimits?:
    | {
        /** The heap of old objects, in MiB. */
        maxOldGenerationSizeMb?: number;
        /** The heap of new objects, in MiB. */
        maxYoungGenerationSizeMb?: number;
        /** The stack, in MiB. */
        stackSizeMb?: number;
      }
    | undefined;
}

/** A pool's counters at one moment. */
export interface TPoolStatistics {
  /** How many threads there may be. */
  size: number;
  /** Threads there are, with those that start. */
  threads: number;
  /** Calls that run. */
  running: number;
  /** Calls that wait for a thread. */
  waiting: number;
  /** Calls that have ended by themselves so far. */
  completed: number;
}

/** @internal A call's way through the pool. */
interface Job {
  readonly request: Request;
  readonly transfer: readonly Transferable[];
  readonly waker: Waker;
  /** What becomes of a call that runs when its caller is interrupted. */
  readonly abandoned: 'end its thread' | 'let it run';
  readonly controller: AbortController;
  piscina: Piscina | null;
}

const workerFile = join(__dirname, 'worker.js');

/** setTimeout's longest. */
const forever = 2 ** 31 - 1;

/**
 * Functions run on worker threads, so that computing and blocking drivers hold up nobody: the calling green thread alone
 * waits. Threads start when they are needed, end when they have been idle for a while, and keep the process alive only while
 * they work. The functions of `verdant/tpool` use a pool of their own; make another one to set work apart.
 *
 * Calls that wait for a thread are served first come, first served.
 */
export class TPool {
  #size: number;
  readonly #idleTimeout: number;
  readonly #resourceLimits: TPoolOptions['resourceLimits'];
  #piscina: Piscina | null = null;
  // Those that were outgrown: their threads finish what they do, and end by idleness.
  readonly #former = new Set<Piscina>();
  readonly #waiting = new Set<Job>();
  readonly #running = new Set<Job>();
  #completed = 0;

  /** @param options - `size`, `idleTimeout`, `resourceLimits` */
  constructor(options: TPoolOptions = {}) {
    validateObject(options, 'options');
    const { size = defaultSize(), idleTimeout = 10_000, resourceLimits } = options;
    validateCount(size, 'options.size');
    validateMilliseconds(idleTimeout, 'options.idleTimeout');
    this.#size = size;
    this.#idleTimeout = idleTimeout === Infinity ? Infinity : Math.min(idleTimeout, forever);
    this.#resourceLimits = resourceLimits;
  }

  /** See {@link execute}. */
  execute<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Awaited<R>;
  /** See {@link execute}. */
  execute(module: string | URL | ModuleFunction, ...args: unknown[]): unknown;
  /** See {@link execute}. */
  execute<A extends unknown[], R>(options: ExecuteOptions, fn: (...args: A) => R, ...args: A): Awaited<R>;
  /** See {@link execute}. */
  execute(options: ExecuteOptions, module: string | URL | ModuleFunction, ...args: unknown[]): unknown;
  execute(...given: unknown[]): unknown {
    const { options, target, args } = parseCall(given);
    const request: Request = { do: 'execute', target: describeTarget(target, 'fn'), args };
    return this.perform('execute()', request, options, 'end its thread');
  }

  /** See {@link proxy}. */
  proxy<T extends object>(module: string | URL, options: ExecuteOptions = {}): ModuleProxy<T> {
    return moduleProxy<T>(module, (target, args) => this.execute(options, target, ...args));
  }

  /**
   * Changes how many threads there may be. Calls that run are not disturbed; threads too many end when they are idle.
   * @param size - 0: everything runs in the caller's thread from now on
   */
  setSize(size: number): void {
    validateCount(size, 'size');
    this.#size = size;
    const piscina = this.#piscina;
    if (piscina !== null && size > piscina.maxThreads) {
      this.#former.add(piscina);
      this.#piscina = null;
    }
    this.#dispatch();
  }

  /** How many threads there may be. */
  get size(): number {
    return this.#size;
  }

  /** How many calls run. */
  running(): number {
    return this.#running.size;
  }

  /** How many calls wait for a thread. */
  waiting(): number {
    return this.#waiting.size;
  }

  /** The pool's counters. */
  statistics(): TPoolStatistics {
    return {
      size: this.#size,
      threads: this.#pools().reduce((sum, piscina) => sum + piscina.threads.length, 0),
      running: this.#running.size,
      waiting: this.#waiting.size,
      completed: this.#completed,
    };
  }

  /**
   * Ends all threads, whatever they do. All calls, those that wait too, fail with a `ClosedError`. The pool can be used
   * again at once. Legal from anywhere.
   * @returns a promise that is fulfilled when the threads are gone; `wait()` for it on a green thread
   */
  async killAll(): Promise<void> {
    const jobs = [...this.#running, ...this.#waiting];
    const pools = this.#pools();
    this.#running.clear();
    this.#waiting.clear();
    this.#former.clear();
    this.#piscina = null;
    for (const job of jobs) job.waker.fail(new ClosedError('killAll() has ended the worker threads'));
    await Promise.all(pools.map((piscina) => piscina.destroy()));
  }

  /** @internal Blocks until a thread has done what `request` says. */
  perform(call: string, request: Request, options: ExecuteOptions, abandoned: Job['abandoned']): unknown {
    requireGreen(call, 'use a worker thread with postMessage');
    const site = captureSpawnStack();
    const { timeout, signal, transfer = [] } = options;
    const reply = (
      this.#size === 0 || workerMark in globalThis
        ? wait(perform(request, true), { timeout, signal })
        : park(call, {
            timeout,
            signal,
            subscribe: (waker) => {
              const job = { request, transfer, waker, abandoned, controller: new AbortController(), piscina: null };
              this.#waiting.add(job);
              this.#dispatch();
              return () => this.#letGo(job);
            },
          })
    ) as Reply;
    if ('error' in reply) throw rebuildThrown(reply.error, site);
    return 'self' in reply ? selfMark : reply.value;
  }

  #pools(): Piscina[] {
    return this.#piscina === null ? [...this.#former] : [...this.#former, this.#piscina];
  }

  // The order is kept here and not by Piscina, which cannot be resized.
  #dispatch(): void {
    for (const job of this.#waiting) {
      if (this.#running.size >= this.#size) return;
      this.#waiting.delete(job);
      this.#running.add(job);
      void this.#start(job);
    }
  }

  async #start(job: Job): Promise<void> {
    job.piscina = this.#piscina ??= this.#makePiscina();
    const { signal } = job.controller;
    try {
      const reply: unknown = await job.piscina.run(job.request, { transferList: [...job.transfer] as never, signal });
      this.#completed += 1;
      job.waker.wake(reply);
    } catch (error) {
      job.waker.fail(failure(error));
    } finally {
      this.#running.delete(job);
      this.#dispatch();
    }
  }

  // Called when the caller's wait is over, however it ended.
  #letGo(job: Job): void {
    if (this.#waiting.delete(job)) return;
    if (job.abandoned === 'let it run' || !this.#running.delete(job)) return;
    job.controller.abort();
    this.#dispatch();
  }

  #makePiscina(): Piscina {
    const piscina = new Piscina({
      filename: workerFile,
      name: 'perform',
      minThreads: 0,
      maxThreads: Math.max(this.#size, 1),
      idleTimeout: this.#idleTimeout,
      // Its way of waiting with Atomics stops the event loop of an idle thread: drivers have sockets and timers there.
      atomics: 'disabled',
      recordTiming: false,
      ...(this.#resourceLimits && { resourceLimits: this.#resourceLimits }),
    });
    let lastError: { error: unknown } | null = null;
    // Piscina replaces a thread that dies, and rejects the call it had; but not the call a starting thread was meant for.
    const look = (): void => {
      const told = lastError;
      lastError = null;
      const jobs = [...this.#running].filter((job) => job.piscina === piscina);
      if (jobs.length > piscina.threads.length) {
        if (this.#piscina === piscina) this.#piscina = null;
        this.#former.delete(piscina);
        for (const job of jobs) {
          this.#running.delete(job);
          job.waker.fail(died('A worker thread could not start', told?.error));
        }
        void piscina.destroy();
        this.#dispatch();
      } else if (told !== null) {
        void Promise.reject(died('An idle worker thread died', told.error));
      }
    };
    piscina.on('workerDestroy', () => setImmediate(look));
    piscina.on('error', (error) => {
      lastError = { error };
    });
    return piscina;
  }
}

/** @internal What `perform` gives when a method of a hosted object has returned that object. */
export const selfMark = Symbol('self');

/** @internal Takes apart `execute(options?, target, ...args)`. */
export function parseCall(given: unknown[]): { options: ExecuteOptions; target: Target; args: unknown[] } {
  const [first] = given;
  if (!isOptions(first)) return { options: {}, target: first as Target, args: given.slice(1) };
  validateBlockingOptions(first);
  if (first.transfer !== undefined && !Array.isArray(first.transfer)) {
    throw invalidType('options.transfer', 'an array', first.transfer);
  }
  return { options: first, target: given[1] as Target, args: given.slice(2) };
}

function isOptions(value: unknown): value is ExecuteOptions {
  return typeof value === 'object' && value !== null && !(value instanceof URL) && !isModuleFunction(value);
}

// Our worker answers errors of the function's, so whatever Piscina rejects with is an end of the thread; or the arguments
// could not be sent.
function failure(error: unknown): unknown {
  if ((error as Partial<Error> | null)?.name === 'DataCloneError') return error;
  return died('The worker thread died', error);
}

function died(what: string, cause: unknown): VerdantError {
  const why = (cause as Partial<Error> | null | undefined)?.message;
  return new VerdantError('ERR_VERDANT_WORKER_DIED', why === undefined ? what : `${what}: ${why}`, { cause });
}

function defaultSize(): number {
  return Math.max(4, availableParallelism());
}

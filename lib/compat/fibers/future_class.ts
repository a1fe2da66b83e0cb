import { getHub } from '../../hub/registry';
import { park, type Waker } from '../../park';
import Fiber from './index';
import { type FutureConstructor, type Future as FutureType } from './future_types';
import { joinStacks } from './join_stacks';
import { wrapFunction, wrapObject } from './wrap';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Callback = (error: unknown, value?: unknown) => void;

/** Who is to be told: a callback; or a future of the error, and a callback of the value. */
type Listener = [callback: Callback] | [future: FutureType<unknown>, success: (value: unknown) => void];

/** A future's own properties: the original's, which programs have been seen to read. */
interface State {
  resolved?: boolean;
  value?: unknown;
  error?: unknown;
  callbacks?: Listener[];
}

/** A function that is to run in a fiber, and is a future of what it returns. */
interface Task extends State {
  fn: AnyFunction;
  context: unknown;
  args: unknown[];
  started: boolean;
}

const call = 'Future.wait()';

function tell(listener: Listener, future: State): void {
  if (listener.length === 1) listener[0](future.error, future.value);
  else if (future.error) listener[0].throw(future.error as Error);
  else listener[1](future.value);
}

function settle(future: State): void {
  future.resolved = true;
  const { callbacks } = future;
  delete future.callbacks;
  for (const listener of callbacks ?? []) {
    try {
      tell(listener, future);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}

function refuseSecond(future: State): void {
  if (future.resolved) throw new Error('Future resolved more than once');
}

function* flatten(given: unknown[]): Generator<FutureType<unknown>> {
  for (const one of given) {
    for (const future of Array.isArray(one) ? (one as unknown[]) : [one]) {
      if (!(future instanceof Future)) throw new Error(`${String(future)} is not a future`);
      yield future as FutureType<unknown>;
    }
  }
}

/** Subscribes the running fiber; what is returned yields until all are resolved, or somebody else sends the fiber on. */
function fiberWait(futures: FutureType<unknown>[]): () => void {
  let pending = futures.length;
  let yielding = false;
  const fiber = Fiber.current!;
  for (const future of futures) {
    future.resolve(() => {
      pending -= 1;
      if (pending === 0 && yielding) fiber.run();
    });
  }
  return () => {
    if (pending === 0) return;
    yielding = true;
    try {
      Fiber.yield();
    } finally {
      yielding = false; // a fiber that was sent on by somebody else, and has ended, would start anew
    }
  };
}

/** The same for a green thread. */
function greenWait(futures: FutureType<unknown>[]): () => void {
  let pending = futures.length;
  let parked: Waker | null = null;
  for (const future of futures) {
    future.resolve(() => {
      pending -= 1;
      if (pending === 0) parked?.wake(undefined);
    });
  }
  const subscribe = (waker: Waker): undefined => {
    parked = waker;
  };
  return () => {
    if (pending > 0) park(call, { subscribe });
  };
}

function runTask(task: Task): void {
  let value: unknown;
  try {
    value = task.fn.apply(task.context, task.args);
  } catch (error) {
    (task as unknown as FutureType<unknown>).throw(error as Error);
    return;
  }
  (task as unknown as FutureType<unknown>).return(value);
}

/** `require('verdant/fibers/future')`. A subclass of the old kind calls it on its own object. */
export const Future = function Future() {
  // nothing to do
} as unknown as FutureConstructor;

function TaskFunction(this: Task, fn: AnyFunction, context: unknown, args: unknown[]): void {
  this.fn = fn;
  this.context = context;
  this.args = args;
  this.started = false;
  process.nextTick(() => {
    if (this.started) return;
    this.started = true;
    Fiber(() => runTask(this)).run();
  });
}
Object.setPrototypeOf(TaskFunction.prototype as object, Future.prototype);

const Task = TaskFunction as unknown as new (
  fn: AnyFunction,
  context: unknown,
  args: unknown[],
) => Task & FutureType<unknown>;

/** `Function.prototype.future`. */
export function futureOf(this: AnyFunction, detach?: boolean): (...args: unknown[]) => FutureType<unknown> {
  // eslint-disable-next-line @typescript-eslint/no-this-alias -- the inner function has a `this` of its own
  const fn = this;
  const start = function (this: unknown, ...args: unknown[]): FutureType<unknown> {
    const task = new Task(fn, this, args);
    if (detach) task.detach();
    return task;
  };
  start.toString = () => `<<Future ${String(fn)}.future()>>`;
  return start;
}

const statics = {
  task(...fns: AnyFunction[]): FutureType<unknown> | FutureType<unknown[]> {
    const tasks = fns.map((fn) => new Task(fn, undefined, []));
    if (tasks.length === 1) return tasks[0]!;
    const all = new Future<unknown[]>();
    const values: unknown[] = new Array(fns.length);
    let pending = fns.length;
    let failure: unknown;
    tasks.forEach((task, index) => {
      task.resolve((error: unknown, value: unknown) => {
        if (error) failure = error;
        values[index] = value;
        pending -= 1;
        if (pending > 0) return;
        if (failure) all.throw(failure as Error);
        else all.return(values);
      });
    });
    return all;
  },

  wrap(target: unknown, multi = false, suffix = 'Future', stop = false): unknown {
    const style = { multi, suffix };
    if (typeof target === 'function') return wrapFunction(Future, target as AnyFunction, style, !stop);
    return typeof target === 'object' && target !== null ? wrapObject(Future, target, style, !stop) : undefined;
  },

  wait(...given: unknown[]): void {
    const waited = [...flatten(given)].filter((future) => !future.isResolved());
    if (Fiber.current === undefined && getHub().current === null) throw new Error("Can't wait without a fiber");
    // One task that has not started needs no fiber of its own: it runs right here.
    const own = waited.find(
      (future): future is Task & FutureType<unknown> => future instanceof Task && !future.started,
    );
    const others = waited.filter((future) => future !== own);
    const wait = Fiber.current === undefined ? greenWait(others) : fiberWait(others);
    if (own !== undefined) {
      own.started = true;
      runTask(own);
    }
    wait();
  },

  fromPromise<R>(promise: PromiseLike<R>): FutureType<R> {
    const future = new Future<R>();
    promise.then(
      (value) => future.return(value),
      (reason: unknown) => {
        // A future knows an error by its being true.
        const error = reason ? (reason as Error) : new Error(`A promise was rejected with ${String(reason)}`);
        future.throw(error);
      },
    );
    return future;
  },
};

const methods = {
  get(this: State): unknown {
    if (!this.resolved) throw new Error('Future must resolve before value is ready');
    if (!this.error) return this.value;
    joinStacks(this.error, Future.prototype.get); // eslint-disable-line @typescript-eslint/unbound-method -- only named
    throw this.error;
  },

  return(this: State, value?: unknown): void {
    refuseSecond(this);
    this.value = value;
    settle(this);
  },

  throw(this: State, error: unknown): void {
    refuseSecond(this);
    if (!error) throw new Error('Must throw non-empty error');
    this.error = error;
    settle(this);
  },

  detach(this: FutureType<unknown>): void {
    this.resolve((error: unknown) => {
      if (error) throw error;
    });
  },

  isResolved(this: State): boolean {
    return this.resolved === true;
  },

  resolver(this: FutureType<unknown>): Callback {
    return (error, value) => {
      if (error) this.throw(error as Error);
      else this.return(value);
    };
  },

  resolve(this: State, first: unknown, second?: unknown): unknown {
    const listener = (second ? [first, second] : [first]) as Listener;
    if (this.resolved) {
      tell(listener, this);
    } else {
      this.callbacks ??= [];
      this.callbacks.push(listener);
    }
    return this;
  },

  resolveSuccess(this: FutureType<unknown>, callback: (value: unknown) => void): unknown {
    return this.resolve((error: unknown, value: unknown) => {
      if (!error) callback(value);
    });
  },

  proxy(this: FutureType<unknown>, future: FutureType<unknown>): void {
    this.resolve((error: unknown, value: unknown) => {
      if (error) future.throw(error as Error);
      else future.return(value);
    });
  },

  proxyErrors(this: FutureType<unknown>, futures: FutureType<unknown> | FutureType<unknown>[]): unknown {
    return this.resolve((error: unknown) => {
      if (!error) return;
      for (const future of Array.isArray(futures) ? futures : [futures]) future.throw(error as Error);
    });
  },

  promise(this: FutureType<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.resolve((error: unknown, value: unknown) => {
        if (error) reject(error);
        else resolve(value);
      });
    });
  },

  wait(this: FutureType<unknown>): unknown {
    if (!this.isResolved()) Future.wait(this);
    return this.get();
  },
};

Object.assign(Future, statics);
Object.assign(Future.prototype, methods);

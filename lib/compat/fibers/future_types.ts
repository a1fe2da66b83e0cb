/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters, @typescript-eslint/no-redundant-type-constituents
   -- the types that programs for the original were written to */
/** A node-style callback. */
export type FutureResolveFunction<T> = (err: Error, val: T) => void;

/** What `Future.wait` takes. */
export type FutureOrFutureArray = Future<any> | Future<any>[];

declare global {
  /** An object whose functions can be called by `<name>Future`, too. */
  type FutureObject<T> = T & any;
  /** A function that returns a future. */
  type FutureFunction<T> = (...args: any[]) => Future<T>;

  interface Function {
    /**
     * The same function, run in a fiber of its own whenever it is called.
     * @param detach - an error is an uncaught exception
     */
    future<T = any>(detach?: boolean): FutureFunction<T>;
  }
}

/** A value that is there later; a fiber can wait for it. */
export interface Future<T> {
  /**
   * The value.
   * @throws the error, with the caller's frames before its own; `Future must resolve before value is ready`
   */
  get(): T;

  /**
   * Waits for the value: in a fiber (which yields meanwhile), or on a green thread.
   * @throws the error; `Can't wait without a fiber`
   */
  wait(): T;

  /**
   * Resolves it with a value. Whoever waits goes on at once, before this returns.
   * @throws `Future resolved more than once`
   */
  return<T>(value?: T): void;

  /**
   * Resolves it with an error. Whoever waits goes on at once, before this returns.
   * @throws `Future resolved more than once`; `Must throw non-empty error`
   */
  throw(err: Error): void;

  /** Nobody will look: an error is to be an uncaught exception. */
  detach(): void;

  /** Whether the value or the error is there. */
  isResolved(): boolean;

  /** A node-style callback that resolves it. */
  resolver(): FutureResolveFunction<T>;

  /** Calls `errback` when it is resolved; at once, if it is already. */
  resolve(errback: FutureResolveFunction<T>): this;
  /** Calls `callback` with the value, or resolves `future` with the error. */
  resolve(future: Future<any>, callback: (val: T) => void): this;

  /** Calls `cb` with the value; an error is ignored. */
  resolveSuccess(cb: (val: T) => void): this;

  /** Resolves another future with what this one is resolved with. */
  proxy(future: Future<T>): void;

  /** Resolves other futures with the error, if there is one. */
  proxyErrors(futures: FutureOrFutureArray): this;

  /** A promise of the value. */
  promise(): Promise<T>;
}

/** `require('verdant/fibers/future')`. */
export interface FutureConstructor {
  /** A future that nobody has resolved yet. */
  new <T>(): Future<T>;

  /** What every future inherits. */
  readonly prototype: Future<any>;

  /**
   * A function that returns a future, from one that takes a node-style callback as its last argument. What the function
   * itself returns is the future's property `_`.
   * @param fnOrObject - the function; or an object, for a new one that has `<name>Future` for each function `<name>`
   * @param multi - the callback gets several values: they become an array
   * @param suffix - in place of `Future`
   */
  wrap<T>(fnOrObject: (...args: any[]) => T, multi?: boolean, suffix?: string): FutureFunction<T>;
  /** The same for all functions of an object. */
  wrap<O extends object>(fnOrObject: O, multi?: boolean, suffix?: string): FutureObject<O>;

  /**
   * Runs `fn` in a fiber of its own, from the next tick on.
   * @returns a future of what it returns
   */
  task<T>(fn: (...args: any[]) => T): Future<T>;
  /** Runs several functions, each in a fiber of its own; a future of all that they return. */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the types that programs for it were written to
  task<T = any>(fn1: Function, fn2: Function, ...fns: Function[]): Future<T[]>;

  /**
   * Waits until all are resolved, in whatever way: `get()` tells.
   * @throws `Can't wait without a fiber`; `<value> is not a future`
   */
  wait(...futures: FutureOrFutureArray[]): void;

  /** A future of what a promise settles to. */
  fromPromise<R>(promise: Promise<R>): Future<R>;
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters
   -- the types that programs for the original were written to */
/** A function that runs inside of `run()`, on a stack of its own, and may go back to its caller in the middle. */
export interface Fiber {
  /** True from the first `run()` until its function has returned. */
  readonly started: boolean;

  /**
   * Starts the fiber, or lets it go on after `Fiber.yield()`. Returns when it yields, blocks or ends. One that has ended can
   * be run again, from its beginning.
   * @param param - the function's argument, or what `Fiber.yield()` returns
   * @returns what it yields, or what its function returns; undefined when it blocks in a call of verdant's
   * @throws what its function throws; `This Fiber is already running`; `run() excepts 1 or no arguments`; a RangeError
   * `Out of memory` with the code `ERR_VERDANT_NO_STACK`
   */
  run<T = any, R = any>(param?: T): R;

  /**
   * Ends a fiber that yields: `Fiber.yield()` throws there, and throws again whenever it is called, until the function has
   * ended. No effect if the fiber has not started.
   * @returns what its function returns, if it caught the error
   * @throws what its function throws other than that error; `This Fiber is not yielding`
   */
  reset<T = any>(): T;

  /**
   * Lets a fiber that yields go on with an error that `Fiber.yield()` throws there.
   * @param exception - what is thrown
   * @returns as `run()` does
   * @throws as `run()` does; `This Fiber is not yielding`
   */
  throwInto(exception?: unknown): any;
}

/** `require('verdant/fibers')`. */
export interface FiberConstructor {
  /** A fiber that will run `fn`. */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the types that programs for it were written to
  new (fn: Function): Fiber;
  /** The same without `new`. */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as above
  (fn: Function): Fiber;

  /** What a subclass inherits. */
  readonly prototype: Fiber;

  /** The fiber that runs; undefined outside of fibers. */
  readonly current?: Fiber | undefined;

  /** How many unused stacks node-fibers would keep. The engine keeps its own; only `fibersCreated` follows this. */
  poolSize: number;

  /** How many stacks node-fibers would have made so far. */
  readonly fibersCreated: number;

  /**
   * Goes back to whoever called `run()`, until the fiber is run again.
   * @param param - what `run()` returns
   * @returns what the next `run()` is given
   * @throws what `throwInto()` is given; `yield() called with no fiber running`; `This Fiber is a zombie` when the fiber is
   * being ended
   */
  yield<T = any, R = any>(param?: R): T;
}

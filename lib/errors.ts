/** Every error verdant makes carries a `code`; recognise errors by it, never by `instanceof` alone (realms, copies). */
export class VerdantError extends Error {
  /** Machine-readable name of what went wrong, e.g. `ERR_VERDANT_TIMEOUT`. */
  readonly code: string;

  /**
   * @param code - one of verdant's `ERR_VERDANT_*` codes
   * @param message - for humans
   * @param options - `cause`, as for every Error
   */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static {
    this.prototype.name = 'VerdantError';
  }
}

/** A blocking call was made outside a green thread. Code `ERR_VERDANT_NOT_GREEN`. */
export class NotGreenError extends VerdantError {
  /**
   * @param call - the blocking call, e.g. `sleep()`
   * @param instead - what to do without a green thread
   */
  constructor(call: string, instead = 'await a promise instead') {
    super(
      'ERR_VERDANT_NOT_GREEN',
      `${call} blocks, so it must be called on a green thread: wrap the code in spawn(() => ...) or ` +
        `await run(() => ...), or ${instead}`,
    );
  }

  static {
    this.prototype.name = 'NotGreenError';
  }
}

/** The default reason of a kill. Ends the green thread quietly. Code `ERR_VERDANT_KILLED`. */
export class GreenExit extends VerdantError {
  /** @param message - why the green thread was killed */
  constructor(message = 'The green thread was killed') {
    super('ERR_VERDANT_KILLED', message);
  }

  static {
    this.prototype.name = 'GreenExit';
  }
}

/** A blocking call's `timeout`, or a `Timeout`, expired. Code `ERR_VERDANT_TIMEOUT`. */
export class TimeoutError extends VerdantError {
  /** @param message - what took too long */
  constructor(message = 'The operation timed out') {
    super('ERR_VERDANT_TIMEOUT', message);
  }

  static {
    this.prototype.name = 'TimeoutError';
  }
}

/** Green threads wait for each other and nothing else can happen. Code `ERR_VERDANT_DEADLOCK`. */
export class DeadlockError extends VerdantError {
  /** @param message - who waits where */
  constructor(message: string) {
    super('ERR_VERDANT_DEADLOCK', message);
  }

  static {
    this.prototype.name = 'DeadlockError';
  }
}

/** What was waited on has been closed or destroyed. Code `ERR_VERDANT_CLOSED`. */
export class ClosedError extends VerdantError {
  /** @param message - what was closed */
  constructor(message = 'Closed') {
    super('ERR_VERDANT_CLOSED', message);
  }

  static {
    this.prototype.name = 'ClosedError';
  }
}

/** Nothing to take, and the call must not block. Code `ERR_VERDANT_QUEUE_EMPTY`. */
export class QueueEmpty extends VerdantError {
  /** @param message - which queue */
  constructor(message = 'The queue is empty') {
    super('ERR_VERDANT_QUEUE_EMPTY', message);
  }

  static {
    this.prototype.name = 'QueueEmpty';
  }
}

/** No room to put, and the call must not block. Code `ERR_VERDANT_QUEUE_FULL`. */
export class QueueFull extends VerdantError {
  /** @param message - which queue */
  constructor(message = 'The queue is full') {
    super('ERR_VERDANT_QUEUE_FULL', message);
  }

  static {
    this.prototype.name = 'QueueFull';
  }
}

/** Two green threads use one thing in a way that only one may. Code `ERR_VERDANT_CONCURRENT_USE`. */
export class ConcurrentUseError extends VerdantError {
  /** @param message - both users and where each is parked */
  constructor(message: string) {
    super('ERR_VERDANT_CONCURRENT_USE', message);
  }

  static {
    this.prototype.name = 'ConcurrentUseError';
  }
}

/** This Node, or a second copy of verdant, cannot be used. Code `ERR_VERDANT_UNSUPPORTED_RUNTIME`. */
export class UnsupportedRuntimeError extends VerdantError {
  /** @param reason - what is missing or in the way */
  constructor(reason: string) {
    super('ERR_VERDANT_UNSUPPORTED_RUNTIME', `verdant cannot run here: ${reason}`);
  }

  static {
    this.prototype.name = 'UnsupportedRuntimeError';
  }
}

/** The `code` of an error of any kind, from any realm. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** True for the quiet reason of a kill, whichever copy or realm made it. */
export function isGreenExit(error: unknown): boolean {
  return codeOf(error) === 'ERR_VERDANT_KILLED';
}

import { inspect } from 'node:util';
import { VerdantError } from '../errors';

/** A key of a `DagPool` has a value or a green thread already. Code `ERR_VERDANT_COLLISION`. */
export class Collision extends VerdantError {
  /** The key. */
  readonly key: unknown;

  /** @param key - which key */
  constructor(key: unknown) {
    super('ERR_VERDANT_COLLISION', `There is a value or a green thread for the key ${inspect(key)} already`);
    this.key = key;
  }

  static {
    this.prototype.name = 'Collision';
  }
}

/**
 * The green thread of a key of a `DagPool` failed, so there is no value. `cause` is its error; that of a thread which failed
 * because one that it depends on had is a `PropagateError` again, and so on down to the origin. Code `ERR_VERDANT_PROPAGATE`.
 */
export class PropagateError extends VerdantError {
  /** The key whose green thread failed. */
  readonly key: unknown;

  /**
   * @param key - the key whose green thread failed
   * @param cause - its error
   */
  constructor(key: unknown, cause: unknown) {
    super('ERR_VERDANT_PROPAGATE', `No value for the key ${inspect(key)}: ${describe(cause)}`, { cause });
    this.key = key;
  }

  /** The error of the green thread, as `cause`. The name is eventlet's. */
  get exc(): unknown {
    return this.cause;
  }

  static {
    this.prototype.name = 'PropagateError';
  }
}

function describe(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause && typeof cause.message === 'string') {
    return cause.message;
  }
  return inspect(cause, { depth: 0 });
}

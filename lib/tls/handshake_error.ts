import { VerdantError } from '../errors';

/**
 * A client's handshake failed before a handler could be called; `cause` is Node's own error. `serve` gives it to `onError`, and
 * goes on. Code `ERR_VERDANT_TLS_HANDSHAKE`.
 */
export class HandshakeError extends VerdantError {
  /** @param cause - what went wrong */
  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super('ERR_VERDANT_TLS_HANDSHAKE', `The TLS handshake failed: ${why}`, { cause });
  }

  static {
    this.prototype.name = 'HandshakeError';
  }
}

/** The handshake took too long, in Node's words. */
export function handshakeTimedOut(): Error {
  return Object.assign(new Error('TLS handshake timeout'), { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' });
}

/** The other end went away, in Node's words. */
export function disconnected(): Error {
  const message = 'The network socket disconnected before secure TLS connection was established';
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

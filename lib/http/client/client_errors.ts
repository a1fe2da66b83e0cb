import { codeOf, TimeoutError } from '../../errors';

const timeouts = new Map<unknown, string>([
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer in time'],
  ['UND_ERR_BODY_TIMEOUT', "nothing more of the answer's body in time"],
]);

/** A `TimeoutError` that says what was waited for. */
export function timedOut(call: string, what: string, cause?: unknown): TimeoutError {
  const error = new TimeoutError(`${call}: ${what}`);
  return cause === undefined ? error : Object.assign(error, { cause });
}

/**
 * An error of undici's as a blocking call throws it: a timeout as verdant's, with undici's as its `cause`; the TypeError of
 * `fetch` with the `code` of its cause, by which it can be recognised; any other as it is.
 */
export function asThrown(call: string, error: unknown): unknown {
  const cause: unknown = (error as { cause?: unknown } | null | undefined)?.cause;
  const origin = codeOf(error) === undefined && cause !== undefined ? cause : error;
  const code = codeOf(origin);
  const what = timeouts.get(code);
  if (what !== undefined) return timedOut(call, what, origin);
  if (origin !== error && code !== undefined && error instanceof TypeError) return Object.assign(error, { code });
  return error;
}

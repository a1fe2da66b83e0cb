import { STATUS_CODES } from 'node:http';
import { VerdantError } from '../errors';
import { outOfRange } from '../validate';

/** What an `HttpError` may be told. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Its code; default `ERR_VERDANT_HTTP_STATUS`. */
  code?: string | undefined;
}

/**
 * An error with an HTTP status. A handler that throws one answers with that status and the message; the server throws
 * them when a request's body cannot be read: `ERR_VERDANT_HTTP_BAD_REQUEST` (400), `ERR_VERDANT_HTTP_BODY_TIMEOUT` (408),
 * `ERR_VERDANT_HTTP_TOO_LARGE` (413), `ERR_VERDANT_HTTP_ABORTED` (499: the client is gone).
 * @example
 * ```ts
 * import { HttpError } from 'verdant/http';
 *
 * const error = new HttpError(404, 'No such user');
 * console.log(error.status, error.code, error.message); // 404 ERR_VERDANT_HTTP_STATUS No such user
 * ```
 */
export class HttpError extends VerdantError {
  /** The status to answer with, 400 to 599. */
  readonly status: number;

  /**
   * @param status - 400 to 599
   * @param message - goes to the client; default the status' own phrase
   * @param options - `code`, `cause`
   */
  constructor(status: number, message?: string, options: HttpErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw outOfRange('status', '>= 400 && <= 599', status);
    }
    super(options.code ?? 'ERR_VERDANT_HTTP_STATUS', message ?? STATUS_CODES[status] ?? String(status), options);
    this.status = status;
  }

  static {
    this.prototype.name = 'HttpError';
  }
}

/** The client has gone away. */
export function aborted(message: string): HttpError {
  return new HttpError(499, message, { code: 'ERR_VERDANT_HTTP_ABORTED' });
}

const codes: Record<number, string> = {
  408: 'ERR_VERDANT_HTTP_BODY_TIMEOUT',
  413: 'ERR_VERDANT_HTTP_TOO_LARGE',
};

/** What was wrong with a request while it came in. */
export function badRequest(status: number, reason: string): HttpError {
  return new HttpError(status, reason, { code: codes[status] ?? 'ERR_VERDANT_HTTP_BAD_REQUEST' });
}

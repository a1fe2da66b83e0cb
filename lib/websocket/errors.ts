import { VerdantError } from '../errors';

/**
 * The other end has ended the connection. Code `ERR_VERDANT_WEBSOCKET_LOST` when it just broke off (`closeCode` 1006; `cause` has
 * the socket's error if there was one); `ERR_VERDANT_WEBSOCKET_PROTOCOL` when the other end has broken the protocol or a limit, and
 * was told so (`closeCode` 1002, 1007, 1008 or 1009; `cause` says what it did); `ERR_VERDANT_CLOSED` when something is sent
 * although it has closed the connection in order.
 */
export class WebSocketError extends VerdantError {
  /** As `WebSocket.closeCode`. */
  readonly closeCode: number;

  /**
   * @param code - one of those above
   * @param message - for humans
   * @param closeCode - RFC 6455's number for how it ended
   * @param cause - what brought it about
   */
  constructor(code: string, message: string, closeCode: number, cause: unknown) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.closeCode = closeCode;
  }

  static {
    this.prototype.name = 'WebSocketError';
  }
}

/**
 * The opening handshake has failed. Code `ERR_VERDANT_WEBSOCKET_HANDSHAKE`. On a server, the client has been answered; on a
 * client, the server has answered with something else.
 */
export class WebSocketHandshakeError extends VerdantError {
  /** The HTTP status of the answer; undefined if there was none, or if it was 101 with something wrong in it. */
  readonly status: number | undefined;
  /** On a client: the answer's headers, by their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;

  /**
   * @param message - what is wrong with it
   * @param status - the HTTP status
   * @param headers - the answer's headers
   * @param options - `cause`, as for every Error
   */
  constructor(
    message: string,
    status?: number,
    headers: Readonly<Record<string, string | string[] | undefined>> = {},
    options?: ErrorOptions,
  ) {
    super('ERR_VERDANT_WEBSOCKET_HANDSHAKE', message, options);
    this.status = status;
    this.headers = headers;
  }

  static {
    this.prototype.name = 'WebSocketHandshakeError';
  }
}

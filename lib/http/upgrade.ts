import { VerdantError } from '../errors';
import { type Socket } from '../net/socket';
import { invalidType } from '../validate';
import { Request } from './request';
import { IncomingMessage } from './server/incoming_message';

/** A connection that was an HTTP server's. */
export interface TakenConnection {
  /** The green socket. */
  socket: Socket;
  /** What has come behind the request already: the first bytes of whatever is spoken now. */
  head: Buffer;
}

/**
 * Takes the connection of a request away from its server, to speak something else on it: WebSocket, a tunnel. From now on
 * the handler's result means nothing, and no answer is sent but what is sent on the socket. `close()` of the server waits
 * until the socket is closed, or cuts it.
 * @param request - what the handler was given, in either shape; nothing has been answered, and no body is left to read
 * @returns the socket, and what has come on it already
 * @throws `ERR_VERDANT_HTTP_ANSWERED` if an answer has begun, or the request was taken over before; `ERR_VERDANT_HTTP_ABORTED`
 * when the client has gone away; `ERR_INVALID_ARG_TYPE`
 */
export function takeOver(request: Request | IncomingMessage): TakenConnection {
  if (!(request instanceof Request || request instanceof IncomingMessage)) {
    throw invalidType('request', 'a request of verdant/http', request);
  }
  const { exchange } = request;
  if (exchange.hasBody && !exchange.complete) {
    throw new VerdantError(
      'ERR_VERDANT_HTTP_ANSWERED',
      "The request's body has to be read before its connection is taken over",
    );
  }
  return exchange.takeOver();
}

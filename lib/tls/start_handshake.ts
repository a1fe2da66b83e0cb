import { EventEmitter } from 'node:events';
import { type Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type Server, type TLSSocket } from 'node:tls';
import { disconnected } from './handshake_error';

/** Told of the outcome, once. */
export interface Outcome {
  secure(stream: TLSSocket): void;
  failed(error: unknown): void;
}

/** Begins a handshake on a connection. */
export type StartHandshake = (plain: Duplex, outcome: Outcome) => void;

/** As a client. */
export function asClient(options: ConnectionOptions, onSession?: (session: Buffer) => void): StartHandshake {
  return (plain, outcome) => {
    const stream = connect({ ...options, socket: plain });
    if (onSession !== undefined) stream.on('session', onSession);
    const forget = (): void => {
      stream.removeListener('secureConnect', secure).removeListener('error', failed).removeListener('close', closed);
    };
    const secure = (): void => {
      forget();
      outcome.secure(stream);
    };
    const failed = (error: unknown): void => {
      outcome.failed(error);
    };
    const closed = (): void => {
      forget();
      outcome.failed(disconnected());
    };
    stream.on('secureConnect', secure).on('error', failed).on('close', closed);
  };
}

/**
 * As a server. Emitting `connection` is Node's documented way to hand a connection to a `tls.Server`. The server then says
 * by `secureConnection` and `tlsClientError` how it went, but not for which connection; so each connection is handed to a
 * server of its own, which inherits all from the real one, and listens to what is said to that.
 */
export function asServer(server: Server): StartHandshake {
  return (plain, outcome) => {
    const own = Object.create(server) as Server;
    const emit = (event: string | symbol, ...args: unknown[]): boolean => {
      if (event === 'secureConnection') outcome.secure(args[0] as TLSSocket);
      else if (event === 'tlsClientError') outcome.failed(reasonOf(args[0], args[1] as TLSSocket | undefined));
      return server.emit(event as never, ...(args as never[]));
    };
    Object.defineProperty(own, 'emit', { value: emit });
    // What comes with the last bytes is told before: only a connection that ends without a word gets here first.
    plain.once('close', () => setImmediate(() => outcome.failed(disconnected())));
    EventEmitter.prototype.emit.call(own, 'connection', plain);
  };
}

// Of a client whose certificate is refused, Node says no more than that the connection was ended.
function reasonOf(error: unknown, stream: TLSSocket | undefined): unknown {
  const refused: unknown = stream?.authorizationError ?? null;
  if (typeof refused !== 'string') return error;
  return Object.assign(new Error(`The client's certificate was refused: ${refused}`), { code: refused, cause: error });
}

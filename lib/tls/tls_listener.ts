import { type SecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { type FdTransport } from '../net/fd_transport';
import { Listener } from '../net/listener';
import { type ReadinessOptions } from '../readiness';
import { asServer, type StartHandshake } from './start_handshake';
import { TlsSocket } from './tls_socket';
import { TlsTransport, type Watcher } from './tls_transport';

/** A listener's counters. */
export interface TlsListenerStats {
  /** Connections accepted. */
  accepted: number;
  /** Handshakes under way. */
  handshaking: number;
  /** Handshakes done. */
  secure: number;
  /** Handshakes that failed, took too long, or were given up. */
  failed: number;
}

const nothing = Buffer.alloc(0);

/** Accepts connections that are then encrypted. Made by `listen`. */
export class TlsListener extends Listener {
  /**
   * Node's TLS server that decides about the handshakes. It listens nowhere; it is here for its events (`newSession`,
   * `resumeSession`, `OCSPRequest`, `keylog`) and its methods (`addContext`, `setSecureContext`, `setTicketKeys`).
   */
  readonly server: Server;
  readonly #start: StartHandshake;
  readonly #timeout: number;
  readonly #stats: TlsListenerStats = { accepted: 0, handshaking: 0, secure: 0, failed: 0 };
  readonly #watcher: Watcher;

  /** @internal Use `listen`. */
  constructor(fd: number, unlink: string | null, server: Server, handshakeTimeout: number) {
    super(fd, unlink);
    this.server = server;
    this.#start = asServer(server);
    this.#timeout = handshakeTimeout;
    const stats = this.#stats;
    this.#watcher = {
      began: () => {
        stats.handshaking += 1;
      },
      ended: (ok) => {
        stats.handshaking -= 1;
        stats[ok ? 'secure' : 'failed'] += 1;
      },
    };
  }

  /**
   * Waits for a connection, and not for its handshake: that takes place when somebody first reads it or sends on it, so a
   * slow client holds up nobody else. `serve` performs it before it calls the handler.
   * @param options - as for `Listener.accept`
   */
  override accept(options?: ReadinessOptions): TlsSocket {
    const accepted: unknown = super.accept(options); // made by wrap()
    return accepted as TlsSocket;
  }

  /** @internal */
  protected override wrap(transport: FdTransport): TlsSocket {
    this.#stats.accepted += 1;
    return new TlsSocket(new TlsTransport({ transport, received: nothing }, this.#start, this.#timeout, this.#watcher));
  }

  /** @internal The handshake, on the connection's own green thread, before the handler is called. */
  prepare(socket: TlsSocket): void {
    socket.prepare();
  }

  /** The listener's counters. */
  stats(): TlsListenerStats {
    return { ...this.#stats };
  }

  /**
   * Another certificate for clients that ask for this name.
   * @param hostname - the name; `*.example.org` for all below it
   * @param context - its certificate and key
   */
  addContext(hostname: string, context: SecureContextOptions | SecureContext): void {
    this.server.addContext(hostname, context);
  }

  /** Its connections, until it is closed. */
  override *[Symbol.iterator](): Generator<TlsSocket, void, undefined> {
    const accepted: unknown = super[Symbol.iterator]();
    yield* accepted as Generator<TlsSocket, void, undefined>;
  }
}

import {
  type CipherNameAndProtocol,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { Socket } from '../net/socket';
import { type BlockingOptions, validateBlockingOptions } from '../park';
import { HandshakeError } from './handshake_error';
import { type TlsTransport } from './tls_transport';

/**
 * An encrypted connection; otherwise a `Socket`. The handshake takes place in whatever green thread reads or sends first, or
 * calls `handshake`; if it fails, each of them throws Node's own error. Before it is done, what it negotiates is undefined.
 *
 * `shutdown()` tells the other end that nothing more will be sent (close_notify), `close()` too. To go on unencrypted after that
 * is not possible.
 */
export class TlsSocket extends Socket {
  readonly #transport: TlsTransport;

  /** @internal Use `connect`, `listen` or `wrapTls`. */
  constructor(transport: TlsTransport) {
    super(transport);
    this.#transport = transport;
  }

  get #stream(): TLSSocket | null {
    return this.#transport.stream;
  }

  /**
   * Waits until the handshake is done, beginning it if nobody has. Several green threads may wait for it, and one that is
   * interrupted leaves it to the others, or to a later call.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws Node's error of a handshake that failed: `ERR_TLS_CERT_ALTNAME_INVALID`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_SSL_*`,
   * `ECONNRESET`, ..., `ERR_TLS_HANDSHAKE_TIMEOUT` after the socket's `handshakeTimeout`; `ERR_VERDANT_TIMEOUT`; the signal's
   * reason; `ERR_VERDANT_CLOSED`; `ERR_VERDANT_NOT_GREEN`
   */
  handshake(options?: BlockingOptions): void {
    validateBlockingOptions(options);
    this.#transport.handshake('TlsSocket.handshake()', options);
  }

  /** @internal For serve(): a handshake that fails is told apart from what a handler throws. */
  prepare(): void {
    try {
      this.handshake();
    } catch (error) {
      if (this.#transport.failure?.error !== error) throw error;
      throw new HandshakeError(error);
    }
  }

  /** True once the handshake is done. */
  get secure(): boolean {
    return this.#stream !== null;
  }

  /** Whether the other end's certificate was signed by one that is trusted. */
  get authorized(): boolean {
    return this.#stream?.authorized === true;
  }

  /** Why not; null if it is, or if no certificate was asked for. */
  get authorizationError(): unknown {
    return this.#stream?.authorizationError ?? null;
  }

  /** The protocol that was agreed on by ALPN; false for none. */
  get alpnProtocol(): string | false | undefined {
    return this.#stream === null ? undefined : (this.#stream.alpnProtocol ?? false);
  }

  /** The server's name as the client has asked for it (SNI); false for none. */
  get servername(): string | false | undefined {
    if (this.#stream === null) return undefined;
    return (this.#stream as { servername?: string | false | null }).servername ?? false;
  }

  /** The version of TLS, e.g. `TLSv1.3`. */
  getProtocol(): string | null {
    return this.#stream?.getProtocol() ?? null;
  }

  /** The cipher that is used. */
  getCipher(): CipherNameAndProtocol | undefined {
    return this.#stream?.getCipher();
  }

  /**
   * The other end's certificate; an empty object if it has sent none.
   * @param detailed - with the certificates of those who signed it
   */
  getPeerCertificate(detailed: true): DetailedPeerCertificate | undefined;
  /** As above. */
  getPeerCertificate(detailed?: boolean): PeerCertificate | undefined;
  getPeerCertificate(detailed = false): PeerCertificate | undefined {
    return this.#stream?.getPeerCertificate(detailed);
  }

  /** This end's certificate; an empty object if it has none. */
  getCertificate(): object | undefined {
    return this.#stream?.getCertificate() ?? undefined;
  }

  /** Whether a former session was taken up again. */
  isSessionReused(): boolean {
    return this.#stream?.isSessionReused() === true;
  }

  /**
   * The session, to be handed to a later `connect` as `session`. With TLS 1.3 the server sends it some time after the
   * handshake, so ask when something has been received, or use the option `onSession`.
   */
  getSession(): Buffer | undefined {
    return this.#stream?.getSession();
  }

  /**
   * Key material of this connection (RFC 5705).
   * @param length - bytes
   * @param label - what it is for
   * @param context - default: none
   */
  exportKeyingMaterial(length: number, label: string, context?: Buffer): Buffer | undefined {
    return this.#stream?.exportKeyingMaterial(length, label, context!);
  }
}

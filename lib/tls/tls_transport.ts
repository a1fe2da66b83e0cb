import { type Duplex } from 'node:stream';
import { type TLSSocket } from 'node:tls';
import { ClosedError } from '../errors';
import { type Timer } from '../hub/timer_queue';
import { getHub } from '../hub/registry';
import { type Address } from '../net/address';
import { perWait } from '../deadline';
import { endStream } from '../net/end_stream';
import { overStream, type StreamTransport } from '../net/stream_transport';
import { type Transport } from '../net/transport';
import { native } from '../realm';
import { type BlockingOptions, park } from '../park';
import { beginIo } from '../readiness';
import { type Waiter, WaitQueue } from '../wait_queue';
import { handshakeTimedOut } from './handshake_error';
import { type StartHandshake } from './start_handshake';
import { type Plain, toPlainStream } from './take_over';

const ignore = (): undefined => undefined;

/** Told what becomes of a handshake. */
export interface Watcher {
  began(): void;
  ended(ok: boolean): void;
}

/**
 * A connection that is encrypted from the first read or write on: that, or a call of `handshake`, begins the handshake.
 * Until then it is the bare connection, and nobody reads it.
 */
export class TlsTransport implements Transport {
  readonly #start: StartHandshake;
  readonly #timeout: number;
  readonly #watcher: Watcher | undefined;
  readonly #waiting = new WaitQueue();
  #plain: Plain | null;
  #raw: Duplex | null = null;
  #secure: StreamTransport | null = null;
  #stream: TLSSocket | null = null;
  #failure: { error: unknown } | null = null;
  /** What is to be done once the handshake is. */
  readonly #shutdowns: [boolean, boolean][] = [];
  #timer: Timer | null = null;
  #closed = false;
  #ends: { local: Address | undefined; remote: Address | undefined } | null = null;

  /**
   * @param timeout - for the handshake, in milliseconds
   */
  constructor(plain: Plain, start: StartHandshake, timeout: number, watcher?: Watcher) {
    this.#plain = plain;
    this.#start = start;
    this.#timeout = timeout;
    this.#watcher = watcher;
  }

  /** Node's socket, once the handshake is done. */
  get stream(): TLSSocket | null {
    return this.#stream;
  }

  /** Why the handshake failed. */
  get failure(): { error: unknown } | null {
    return this.#failure;
  }

  get fd(): number {
    return this.#secure?.fd ?? this.#plain?.transport.fd ?? -1;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get localAddress(): Address | undefined {
    return this.#plain === null ? this.#ends?.local : this.#plain.transport.localAddress;
  }

  get remoteAddress(): Address | undefined {
    return this.#plain === null ? this.#ends?.remote : this.#plain.transport.remoteAddress;
  }

  /** Waits until the handshake is done; begins it if nobody has. */
  handshake(call: string, options: BlockingOptions | undefined): StreamTransport {
    beginIo(call, options);
    this.#checkOpen(call);
    if (this.#plain !== null) this.#begin(this.#plain);
    const nextOptions = perWait(options);
    while (this.#secure === null) {
      if (this.#failure !== null) throw this.#failure.error;
      park(call, { ...nextOptions(), queue: this.#waiting });
      this.#checkOpen(call);
    }
    return this.#secure;
  }

  #begin(plain: Plain): void {
    const { localAddress: local, remoteAddress: remote } = plain.transport;
    this.#ends = { local, remote };
    this.#plain = null;
    this.#watcher?.began();
    if (this.#timeout !== Infinity) {
      this.#timer = getHub().startTimer(this.#timeout, () => this.#failed(handshakeTimedOut()));
    }
    try {
      this.#raw = toPlainStream(plain);
      // Its errors come to us by the encrypted stream.
      this.#raw.on('error', ignore);
      this.#start(this.#raw, {
        secure: (stream) => this.#succeeded(stream),
        failed: (error) => this.#failed(error),
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  get #shaking(): boolean {
    return this.#plain === null && this.#secure === null && this.#failure === null && !this.#closed;
  }

  #succeeded(stream: TLSSocket): void {
    if (!this.#shaking) {
      endStream(stream, true);
      return;
    }
    stream.once('close', () => this.#raw?.destroy());
    this.#stream = stream;
    this.#secure = overStream(stream);
    for (const [read, write] of this.#shutdowns) this.#secure.shutdown(read, write);
    this.#settled(true);
  }

  #failed(error: unknown): void {
    if (!this.#shaking) return;
    this.#failure = { error };
    this.#raw?.destroy();
    this.#settled(false);
  }

  #settled(ok: boolean): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#watcher?.ended(ok);
    for (let { first } = this.#waiting; first !== null; first = this.#waiting.first) {
      this.#waiting.remove(first);
      first.wake(undefined);
    }
  }

  #checkOpen(call: string): void {
    if (this.#closed) throw new ClosedError(`${call}: the socket is closed`);
  }

  // The secure transport, and the options for what is left of the call's time.
  #ready(call: string, options: BlockingOptions | undefined): [StreamTransport, BlockingOptions | undefined] {
    if (this.#secure !== null) return [this.#secure, options];
    const nextOptions = perWait(options);
    return [this.handshake(call, nextOptions()), nextOptions()];
  }

  receivable(): boolean {
    if (this.#closed || this.#failure !== null) return true;
    return this.#secure?.receivable() ?? false;
  }

  // To wait for data begins the handshake, as to read does; who is woken by its end asks again.
  joinReaders(waiter: Waiter): void {
    if (this.#secure !== null) {
      this.#secure.joinReaders(waiter);
      return;
    }
    this.#waiting.push(waiter);
    if (this.#plain !== null) this.#begin(this.#plain);
  }

  read(call: string, most: number, options: BlockingOptions | undefined): Buffer {
    const [secure, rest] = this.#ready(call, options);
    return secure.read(call, most, rest);
  }

  readInto(call: string, target: Uint8Array, options: BlockingOptions | undefined): number {
    const [secure, rest] = this.#ready(call, options);
    return secure.readInto(call, target, rest);
  }

  writeSome(call: string, data: Uint8Array, options: BlockingOptions | undefined): number {
    const [secure, rest] = this.#ready(call, options);
    return secure.writeSome(call, data, rest);
  }

  writeAll(call: string, chunks: readonly Uint8Array[], options: BlockingOptions | undefined): void {
    const [secure, rest] = this.#ready(call, options);
    secure.writeAll(call, chunks, rest);
  }

  shutdown(read: boolean, write: boolean): void {
    this.#checkOpen('Socket.shutdown()');
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#plain !== null) this.#begin(this.#plain);
    if (this.#secure === null) this.#shutdowns.push([read, write]);
    else this.#secure.shutdown(read, write);
  }

  close(reset: boolean): void {
    if (this.#closed) return;
    const shaking = this.#shaking;
    this.#closed = true;
    this.#plain?.transport.close(reset);
    if (shaking) this.#settled(false);
    // Node does not let an encrypted stream be reset; the descriptor does.
    const fd = this.#secure?.fd ?? -1;
    if (reset && fd >= 0) native.setReset(fd);
    if (this.#secure === null) this.#raw?.destroy();
    else this.#secure.close(reset);
  }

  setNoDelay(on: boolean): void {
    this.#checkOpen('Socket');
    (this.#secure ?? this.#plain?.transport)?.setNoDelay(on);
  }

  setKeepAlive(on: boolean, delay: number): void {
    this.#checkOpen('Socket');
    (this.#secure ?? this.#plain?.transport)?.setKeepAlive(on, delay);
  }
}

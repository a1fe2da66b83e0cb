import { unlinkSync } from 'node:fs';
import { ClosedError } from '../errors';
import { type BlockingOptions, park, validateBlockingOptions } from '../park';
import { type ReadinessOptions } from '../readiness';
import { native } from '../realm';
import * as errors from '../system_error';
import { systemError } from '../system_error';
import { WaitQueue } from '../wait_queue';
import { type Address, addressRoom, toAddress } from './address';
import { perWait } from '../deadline';
import { FdChannel } from './fd_channel';
import { FdTransport } from './fd_transport';
import { Socket } from './socket';

const call = 'Listener.accept()';

/** The process or the system is short of something: later it may be there. */
const shortages: readonly number[] = [errors.EMFILE, errors.ENFILE, errors.ENOBUFS, errors.ENOMEM];

/** accept(2): what is wrong with one connection, and says nothing of the next. */
const lostConnections: readonly number[] = [
  errors.ECONNABORTED,
  errors.EPERM,
  ...['ENETDOWN', 'EPROTO', 'ENOPROTOOPT', 'EHOSTDOWN', 'ENONET', 'EHOSTUNREACH', 'EOPNOTSUPP', 'ENETUNREACH'].map(
    errors.numberOf,
  ),
];

/** The first and the longest pause after a shortage, in milliseconds. */
const firstPause = 10;
const longestPause = 1000;

const peer = new Uint8Array(addressRoom);

/** Accepts connections. Made by `listen`. */
export class Listener {
  readonly #channel: FdChannel;
  readonly #inet: boolean;
  readonly #pausing = new WaitQueue();
  readonly #unlink: string | null;
  readonly #onClose = new Set<() => void>();
  #pause = firstPause;

  /** Where it listens; the port is the real one if 0 was asked for. */
  readonly address: Address;

  /** @internal Use `listen`. */
  constructor(fd: number, unlink: string | null) {
    const name = native.socketName(fd, false);
    if (typeof name === 'number') throw systemError(name, 'getsockname');
    this.address = toAddress(name);
    this.#inet = this.address.family !== 'Unix';
    this.#unlink = unlink;
    this.#channel = new FdChannel(fd, false);
  }

  /** The file descriptor; -1 once closed. */
  get fd(): number {
    return this.#channel.fd;
  }

  /** True once `close` was called. */
  get closed(): boolean {
    return this.#channel.closed;
  }

  /**
   * Waits for a connection. When descriptors or memory have run out (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`) it tries
   * again, after 10 ms at first and after a second at last.
   * @param options - `timeout` in milliseconds, `signal`; `multipleReaders`: several green threads may accept, the one that
   * has waited longest gets the next connection
   * @returns the connection, with TCP_NODELAY on
   * @throws `ERR_VERDANT_CLOSED` when it is closed; `ERR_VERDANT_TIMEOUT`; the signal's reason;
   * `ERR_VERDANT_CONCURRENT_USE`; `ERR_VERDANT_NOT_GREEN`
   */
  accept(options?: ReadinessOptions): Socket {
    validateBlockingOptions(options);
    const channel = this.#channel;
    const several = options?.multipleReaders === true;
    let fd = channel.begin(call, options);
    const nextOptions = perWait(options);
    // Whoever comes later waits behind those who wait already.
    let mayTry = !several || !channel.hasReaders;
    for (;;) {
      if (mayTry && channel.mayRead) {
        const accepted = native.accept(fd, peer);
        if (accepted >= 0) {
          this.#pause = firstPause;
          return this.wrap(new FdTransport(accepted, this.#inet, peer.slice()));
        }
        if (lostConnections.includes(accepted)) continue;
        if (shortages.includes(accepted)) {
          this.#waitForResources(nextOptions());
          fd = channel.open(call);
          continue;
        }
        if (accepted !== errors.EAGAIN) throw systemError(accepted, 'accept');
      }
      channel.wait(call, 'read', nextOptions(), several);
      fd = channel.open(call);
      mayTry = true;
    }
  }

  /** @internal What an accepted connection becomes. */
  protected wrap(transport: FdTransport): Socket {
    return new Socket(transport);
  }

  // The connection stays in the backlog meanwhile.
  #waitForResources(options: BlockingOptions | undefined): void {
    const delay = this.#pause;
    this.#pause = Math.min(2 * delay, longestPause);
    const timeout = options?.timeout ?? Infinity;
    if (timeout <= delay) park(call, { ...options, queue: this.#pausing });
    else park(call, { signal: options?.signal, queue: this.#pausing, timeout: delay, timeoutValue: null });
  }

  /**
   * Stops listening. Everybody who accepts gets `ERR_VERDANT_CLOSED`; connections that nobody has accepted are reset by the
   * system; accepted ones live on. A Unix socket's path is removed. Legal anywhere, any number of times.
   */
  close(): void {
    if (this.closed) return;
    if (this.#unlink !== null) removePath(this.#unlink);
    this.#channel.close('The listener was closed');
    for (let { first } = this.#pausing; first !== null; first = this.#pausing.first) {
      this.#pausing.remove(first);
      first.wakeWithError(new ClosedError('The listener was closed'));
    }
    for (const callback of this.#onClose) callback();
    this.#onClose.clear();
  }

  /** @internal For those who must hear of it while they do not accept. Returns how to take that back. */
  whenClosed(callback: () => void): () => void {
    this.#onClose.add(callback);
    return () => this.#onClose.delete(callback);
  }

  /** Closes it. For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Its connections, until it is closed. */
  *[Symbol.iterator](): Generator<Socket, void, undefined> {
    while (!this.closed) {
      let socket: Socket;
      try {
        socket = this.accept();
      } catch (error) {
        if (this.closed && error instanceof ClosedError) return;
        throw error;
      }
      yield socket;
    }
  }
}

function removePath(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody has removed it before.
  }
}

import { type Socket } from 'node:net';
import { type buildConnector } from 'undici';
import { getHub } from '../../hub/registry';
import { type HttpClientOptions } from './client_options';
import { undici } from './undici';

const unwanted = 'Nobody wants this connection';

type Connect = (...args: Parameters<buildConnector.connector>) => Socket;

/** How long after a request was aborted undici may make the connection again that was lost by it. */
const again = 100;

/**
 * The connections that are being made, and how many requests wait for one, by origin. undici gives up a connection attempt for
 * nobody, and after a request that was aborted it makes the connection again; here, none is made that nobody waits for.
 */
export class Connections {
  readonly #waiting = new Map<string, number>();
  readonly #attempts = new Map<string, Set<Socket>>();
  readonly #aborted = new Map<string, { count: number; until: number }>();
  #exact: boolean;

  /**
   * @param exact - every request that wants a connection says so here. Not so if several share one, for undici may send those
   * again that were under way when another was aborted
   */
  constructor(exact: boolean) {
    this.#exact = exact;
  }

  /** From now on there are requests that say nothing here. */
  share(): void {
    this.#exact = false;
  }

  /**
   * A request begins to wait for a connection.
   * @returns to be called when it has one or wants none any more
   */
  wait(origin: string): () => void {
    this.#waiting.set(origin, (this.#waiting.get(origin) ?? 0) + 1);
    let done = false;
    return () => {
      if (done) return;
      done = true;
      const left = this.#waiting.get(origin)! - 1;
      if (left > 0) {
        this.#waiting.set(origin, left);
        return;
      }
      this.#waiting.delete(origin);
      this.#giveUp(origin);
    };
  }

  /** A request was aborted that had a connection, which is closed by that. */
  aborted(origin: string): void {
    const count = this.#aborted.get(origin)?.count ?? 0;
    this.#aborted.set(origin, { count: count + 1, until: getHub().time() + again });
  }

  /** Ends all attempts. */
  close(): void {
    this.#exact = true;
    for (const origin of [...this.#attempts.keys()]) this.#giveUp(origin);
  }

  /** undici's connector, watched, and with a timeout that keeps its time: undici's own have a grain of a second. */
  connector({ tls, socketPath, allowH2, connectTimeout = 10_000 }: HttpClientOptions): buildConnector.connector {
    const { buildConnector: build, errors } = undici();
    // It gives the socket, too; its types do not say so.
    const connect = build({ ...tls, socketPath, allowH2, timeout: 0 }) as unknown as Connect;
    return (options, callback) => {
      const { protocol, host, hostname } = options;
      const origin = `${protocol}//${host ?? hostname}`;
      const attempt = (): void => {
        let socket: Socket | null = null;
        const expired = (): void => {
          socket?.destroy(new errors.ConnectTimeoutError(`${origin}: no connection after ${connectTimeout} ms`));
        };
        const limited = connectTimeout !== 0 && connectTimeout !== Infinity;
        const timer = limited ? getHub().startTimer(connectTimeout, expired) : null;
        const done = (...outcome: Parameters<typeof callback>): void => {
          timer?.cancel();
          this.#forget(origin, socket);
          callback(...outcome);
        };
        socket = connect(options, done);
        this.#remember(origin, socket);
      };
      if (!this.#isAgain(origin)) {
        attempt();
        return;
      }
      queueMicrotask(() => {
        // Meanwhile it may be wanted after all, by a request that this error would meet.
        if (this.#waiting.has(origin)) attempt();
        else callback(new errors.RequestAbortedError(unwanted), null);
      });
    };
  }

  // Whether undici makes a connection again, for a request that was aborted and for nobody else.
  #isAgain(origin: string): boolean {
    const aborted = this.#aborted.get(origin);
    if (aborted === undefined) return false;
    if (aborted.until < getHub().time()) {
      this.#aborted.delete(origin);
      return false;
    }
    if (!this.#exact || this.#waiting.has(origin)) return false;
    aborted.count -= 1;
    if (aborted.count === 0) this.#aborted.delete(origin);
    return true;
  }

  #remember(origin: string, attempt: Socket): void {
    let attempts = this.#attempts.get(origin);
    if (attempts === undefined) {
      attempts = new Set();
      this.#attempts.set(origin, attempts);
    }
    attempts.add(attempt);
  }

  #forget(origin: string, attempt: Socket | null): void {
    const attempts = this.#attempts.get(origin);
    if (attempts === undefined || attempt === null) return;
    attempts.delete(attempt);
    if (attempts.size === 0) this.#attempts.delete(origin);
  }

  #giveUp(origin: string): void {
    if (!this.#exact) return;
    const attempts = this.#attempts.get(origin) ?? [];
    const { RequestAbortedError } = undici().errors;
    // With an error: that is what tells undici that there will be no connection.
    for (const attempt of [...attempts]) attempt.destroy(new RequestAbortedError(unwanted));
  }
}

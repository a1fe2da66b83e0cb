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
      if (this.#isUnwanted(origin)) {
        queueMicrotask(() => callback(new errors.RequestAbortedError(unwanted), null));
        return;
      }
      let attempt: Socket | null = null;
      const expired = (): void => {
        attempt?.destroy(new errors.ConnectTimeoutError(`${origin}: no connection after ${connectTimeout} ms`));
      };
      const limited = connectTimeout !== 0 && connectTimeout !== Infinity;
      const timer = limited ? getHub().startTimer(connectTimeout, expired) : null;
      const done = (...outcome: Parameters<typeof callback>): void => {
        timer?.cancel();
        this.#forget(origin, attempt);
        callback(...outcome);
      };
      attempt = connect(options, done);
      this.#remember(origin, attempt);
    };
  }

  // By the numbers: each request that waits has its attempt, or will; one more is for a request that was aborted. Others may
  // use the connections, too, by undici's own functions: without such a request, nothing is refused.
  #isUnwanted(origin: string): boolean {
    const aborted = this.#aborted.get(origin);
    if (aborted === undefined) return false;
    if (aborted.until < getHub().time()) {
      this.#aborted.delete(origin);
      return false;
    }
    if ((this.#waiting.get(origin) ?? 0) > (this.#attempts.get(origin)?.size ?? 0)) return false;
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
    const attempts = this.#attempts.get(origin) ?? [];
    const { RequestAbortedError } = undici().errors;
    // With an error: that is what tells undici that there will be no connection.
    for (const attempt of [...attempts]) attempt.destroy(new RequestAbortedError(unwanted));
  }
}

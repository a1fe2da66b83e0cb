import { type Dispatcher, type EnvHttpProxyAgent } from 'undici';
import { wait } from '../../bridge/wait';
import { type BlockingOptions } from '../../park';
import { invalidType } from '../../validate';
import { type HttpClientOptions, validateClientOptions } from './client_options';
import { Connections } from './connections';
import { undici } from './undici';

/**
 * Connections for `fetch` and `request`, kept alive and used again, to all origins: undici's Agent. `fetch` and `request` have
 * one in common for those that are told of none; make one of your own for other limits, TLS settings, a proxy or a Unix
 * socket. May be made and closed anywhere. Idle connections do not keep the process alive.
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { fetch, HttpClient, serve } from 'verdant/http';
 *
 * await run(() => {
 *   const server = serve('127.0.0.1:0', (request) => `you asked for ${request.path}`);
 *   const client = new HttpClient({ connections: 10, keepAliveTimeout: 1000 });
 *   const response = fetch(`http://127.0.0.1:${server.address.port}/news`, { client });
 *   console.log(response.text()); // you asked for /news
 *   client.close();
 *   server.close();
 * });
 * ```
 */
export class HttpClient {
  /** @internal */
  readonly connections: Connections;
  /** @internal */
  readonly headersTimeout: number;
  /** @internal */
  readonly bodyTimeout: number;
  readonly #options: HttpClientOptions;
  #dispatcher: Dispatcher | null = null;

  /**
   * @param options - see `HttpClientOptions`
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`; undici's `UND_ERR_INVALID_ARG` for what it refuses, at first use
   */
  constructor(options: HttpClientOptions = {}) {
    validateClientOptions(options);
    this.#options = { ...options };
    this.connections = new Connections((options.pipelining ?? 1) <= 1 && options.allowH2 !== true);
    this.headersTimeout = options.headersTimeout ?? 300_000;
    this.bodyTimeout = options.bodyTimeout ?? 300_000;
  }

  /** undici's dispatcher behind it, for undici's other functions and interceptors. */
  get dispatcher(): Dispatcher {
    this.connections.share();
    return this.ownDispatcher;
  }

  /** @internal */
  get ownDispatcher(): Dispatcher {
    this.#dispatcher ??= makeDispatcher(this.#options, this.connections);
    return this.#dispatcher;
  }

  /**
   * Takes no more requests, blocks until those that were begun are over, bodies included, and closes the connections.
   * @param options - `timeout` in milliseconds, `signal`; then what is left goes on, and `destroy` ends it
   * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`
   */
  close(options?: BlockingOptions): void {
    wait(this.closeAsync(), options);
  }

  /** As `close`, as a promise. */
  async closeAsync(): Promise<void> {
    await this.#dispatcher?.close();
  }

  /** Closes all connections at once; what is under way fails with `UND_ERR_DESTROYED`. Never blocks. Idempotent. */
  destroy(): void {
    this.connections.close();
    void this.ownDispatcher.destroy();
  }

  /** As `destroy()`. For `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** As `closeAsync()`. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeAsync();
  }
}

let shared: HttpClient | null = null;

/** The client that `fetch` and `request` use when they are told of none. Made when it is first asked for. */
export function getDefaultClient(): HttpClient {
  shared ??= new HttpClient();
  return shared;
}

/**
 * Replaces the client that `fetch` and `request` use when they are told of none.
 * @param client - the new one
 * @returns the one before, which nobody closes
 */
export function setDefaultClient(client: HttpClient): HttpClient {
  const before = getDefaultClient();
  if (!(client instanceof HttpClient)) throw invalidType('client', 'an HttpClient', client);
  shared = client;
  return before;
}

const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'];

function makeDispatcher(options: HttpClientOptions, connections: Connections): Dispatcher {
  const { connectTimeout, tls, proxy = 'env', connections: most, ...rest } = options;
  const { Agent, EnvHttpProxyAgent: ProxyByEnvironment } = undici();
  const agentOptions = {
    ...rest,
    connections: most === Infinity ? null : (most ?? null),
    // Each request minds its own time: undici's timers have a grain of a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connections.connector(options),
  };
  const proxied = proxy === 'env' ? proxyVariables.some((name) => Boolean(process.env[name])) : proxy !== null;
  if (!proxied) return new Agent(agentOptions);
  const proxyOptions: EnvHttpProxyAgent.Options = {
    ...agentOptions,
    requestTls: { ...tls, timeout: connectTimeout },
    proxyTls: { ...tls, timeout: connectTimeout },
    // http: through CONNECT is what many proxies refuse; they expect the whole URL in the request.
    proxyTunnel: false,
  };
  if (proxy !== null && proxy !== 'env') {
    Object.assign(proxyOptions, { httpProxy: proxy, httpsProxy: proxy, noProxy: '' });
  }
  return new ProxyByEnvironment(proxyOptions);
}

// A server for one test at a time, and raw clients of it; both are gone when the test is over.
/* eslint-disable jest/no-export -- it holds no tests itself: those are the callers' */
import { wait } from 'verdant';
import { availableHubs, useHub } from 'verdant/hub';
import { type HttpServer, type ListenOn, type NodeHandler, type Request, serve, type ServeOptions } from 'verdant/http';
import { RawClient, type RawResponse, type Target, turns } from '../../hostile/support/raw_client.cjs';

export type Handler = (request: Request) => unknown;

/** What the tests of one hub use. */
export interface Serving {
  /** Starts the test's server. Errors that it reports fail the test, unless there is an `onError`. */
  start(handler: Handler, options?: ServeOptions, on?: ListenOn): HttpServer;
  startNodeStyle(handler: NodeHandler, options?: ServeOptions): HttpServer;
  /** A client that is closed at the test's end. */
  connect(target?: Target): Promise<RawClient>;
  /** Sends text on a connection of its own; the first response. */
  ask(text: string, method?: string): Promise<RawResponse>;
  /** Waits until nobody is connected. */
  settled(): Promise<void>;
  /** What the server has reported. */
  errors: unknown[];
}

/** Runs `body` once per hub. */
export function describeServing(body: (serving: Serving) => void): void {
  describe.each(availableHubs())('hub %s', (hub) => {
    let server: HttpServer | undefined;
    let clients: RawClient[] = [];
    const errors: unknown[] = [];
    const reporting = (options: ServeOptions = {}): ServeOptions => ({
      onError: (error) => void errors.push(error),
      ...options,
    });

    beforeAll(() => {
      useHub(hub);
    });
    afterEach(async () => {
      for (const client of clients) client.destroy();
      await server?.closeAsync({ timeout: 2000 });
      server = undefined;
      clients = [];
      const reported = errors.splice(0);
      expect(reported).toEqual([]);
    });
    afterAll(() => {
      useHub('node');
    });

    const serving: Serving = {
      start: (handler, options, on = '127.0.0.1:0') => (server = serve(on, handler, reporting(options))),
      startNodeStyle: (handler, options) => (server = serve('127.0.0.1:0', handler, reporting(options))),
      async connect(target) {
        const client = await RawClient.connect(target ?? { host: '127.0.0.1', port: server!.address.port });
        clients.push(client);
        return client;
      },
      async ask(text, method) {
        const client = await serving.connect();
        client.write(text);
        return client.response({ method });
      },
      async settled() {
        for (let turn = 0; turn < 5000 && server!.stats().connections > 0; turn += 1) await turns(1);
        expect(server!.stats()).toMatchObject({ connections: 0, running: 0, queued: 0 });
      },
      errors,
    };
    body(serving);
  });
}

/** A place where green threads wait until the test opens it. */
export class Gate {
  /** How many have come. */
  arrived = 0;
  #open!: () => void;
  #come!: () => void;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));
  #somebody = new Promise<void>((resolve) => (this.#come = resolve));

  pass(): void {
    this.arrived += 1;
    this.#come();
    wait(this.#opened);
  }

  open(): void {
    this.#open();
  }

  /** Until so many have come. */
  async arrivals(count = 1): Promise<void> {
    while (this.arrived < count) {
      await this.#somebody;
      this.#somebody = new Promise<void>((resolve) => (this.#come = resolve));
    }
  }
}

/** A request without a body. */
export function get(path: string, ...headers: string[]): string {
  return `${[`GET ${path} HTTP/1.1`, 'Host: a', ...headers].join('\r\n')}\r\n\r\n`;
}

/** A request with a body, if its length or coding is among the headers. */
export function post(path: string, headers: string[], body = ''): string {
  return `${[`POST ${path} HTTP/1.1`, 'Host: a', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

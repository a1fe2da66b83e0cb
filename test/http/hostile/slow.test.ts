// Clients that take their time: however the bytes drip in, a head, a body and a pause take no longer than they may, and a
// client that reads nothing holds nothing for longer than it may.
import { getHub, useHub, availableHubs } from 'verdant/hub';
import { type HttpServer, type Request, Response, serve, type ServeOptions } from 'verdant/http';
import { RawClient, turns } from './support/raw_client.cjs';

const limit = 150;
// Much longer than any test: what ends a connection is what the test is about.
const never = 600_000;
const patient: ServeOptions = {
  headerTimeout: never,
  bodyTimeout: never,
  idleTimeout: never,
  handlerTimeout: never,
  writeTimeout: never,
};

type Handler = (request: Request) => unknown;

// The connection of a client, which drips these pieces again and again once it has said what comes first.
interface Case {
  options: ServeOptions;
  first?: string;
  drip?: string;
  /** Statuses that may come; 0 for no answer. */
  statuses: number[];
}

const head = 'POST /read HTTP/1.1\r\nHost: a\r\n';
const unread = 'POST /ignore HTTP/1.1\r\nHost: a\r\n';

const cases: [name: string, testCase: Case][] = [
  ['sends nothing at all', { options: { headerTimeout: limit }, statuses: [0, 408] }],
  ['sends a part of a request line', { options: { headerTimeout: limit }, first: 'GET /', statuses: [408] }],
  ['drips a target', { options: { headerTimeout: limit }, first: 'GET /', drip: 'a', statuses: [408] }],
  ['drips empty lines', { options: { headerTimeout: limit }, drip: '\r\n', statuses: [0, 400, 408, 431] }],
  ['drips header lines', { options: { headerTimeout: limit }, first: head, drip: 'X: y\r\n', statuses: [408, 431] }],
  ['drips a header’s name', { options: { headerTimeout: limit }, first: head, drip: 'x', statuses: [408] }],
  ['drips a header’s value', { options: { headerTimeout: limit }, first: `${head}X: `, drip: 'x', statuses: [408] }],
  [
    'drips the head of a second request',
    {
      options: { headerTimeout: limit },
      first: 'GET /read HTTP/1.1\r\nHost: a\r\n\r\nGET /',
      drip: 'a',
      statuses: [408],
    },
  ],
  ['sends no body', { options: { bodyTimeout: limit }, first: `${head}Content-Length: 9\r\n\r\n`, statuses: [408] }],
  [
    'drips a body with a length',
    { options: { bodyTimeout: limit }, first: `${head}Content-Length: 1000000\r\n\r\n`, drip: 'x', statuses: [408] },
  ],
  [
    'drips chunks',
    {
      options: { bodyTimeout: limit },
      first: `${head}Transfer-Encoding: chunked\r\n\r\n`,
      drip: '1\r\nx\r\n',
      statuses: [408],
    },
  ],
  [
    'drips zeros of a chunk’s size',
    {
      options: { bodyTimeout: limit },
      first: `${head}Transfer-Encoding: chunked\r\n\r\n`,
      drip: '0',
      statuses: [400, 408],
    },
  ],
  [
    'drips a chunk’s extension',
    {
      options: { bodyTimeout: limit },
      first: `${head}Transfer-Encoding: chunked\r\n\r\n1;`,
      drip: 'x',
      statuses: [408],
    },
  ],
  [
    'drips trailers',
    {
      options: { bodyTimeout: limit },
      first: `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n`,
      drip: 'X: y\r\n',
      statuses: [400, 408, 431],
    },
  ],
  [
    'drips a body that the handler does not read',
    { options: { bodyTimeout: limit }, first: `${unread}Content-Length: 1000000\r\n\r\n`, drip: 'x', statuses: [200] },
  ],
  [
    'sends no body that the handler does not read',
    { options: { bodyTimeout: limit }, first: `${unread}Content-Length: 1000000\r\n\r\n`, statuses: [200] },
  ],
  [
    'waits for 100 Continue, and sends nothing then',
    {
      options: { bodyTimeout: limit },
      first: `${head}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
      statuses: [408],
    },
  ],
  [
    'is idle between two requests',
    { options: { idleTimeout: limit }, first: 'GET /read HTTP/1.1\r\nHost: a\r\n\r\n', statuses: [200] },
  ],
];

const handler: Handler = (request) => (request.target === '/read' ? `${request.bytes().length} bytes` : 'ignored');

describe.each(availableHubs())('hub %s', (hub) => {
  let server: HttpServer | undefined;

  beforeAll(() => void useHub(hub));
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  });
  afterAll(() => void useHub('node'));

  function connectTo(options: ServeOptions, to: Handler = handler): Promise<RawClient> {
    server = serve('127.0.0.1:0', to, { ...patient, ...options });
    return RawClient.connect({ host: '127.0.0.1', port: server.address.port });
  }

  test.each(cases)('ends the connection of a client that %s', async (_name, { options, first, drip, statuses }) => {
    const start = performance.now();
    const client = await connectTo(options);
    if (first !== undefined) client.write(first);
    const dripping = setInterval(() => client.write(drip ?? ''), 10);
    try {
      const responses = await client.allResponses();
      expect(performance.now() - start).toBeGreaterThan(limit - 20);
      expect(statuses).toContain(responses.at(-1)?.status ?? 0);
    } finally {
      clearInterval(dripping);
      client.destroy();
    }
    for (let turn = 0; turn < 2000 && server!.stats().connections > 0; turn += 1) await turns(1);
    expect(server!.stats()).toMatchObject({ connections: 0, running: 0 });
  });

  test('cuts off a client that does not read its answer', async () => {
    let sent = 0;
    const endless = function* (): Generator<Buffer> {
      for (;;) {
        sent += 1;
        yield Buffer.alloc(65_536);
      }
    };
    const client = await connectTo({ writeTimeout: limit }, () => new Response(endless()));
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const start = performance.now();
    while (sent === 0 || server!.stats().connections > 0) {
      if (performance.now() - start > 8_000) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(performance.now() - start).toBeGreaterThan(limit - 20);
    expect(server!.stats()).toMatchObject({ connections: 0, running: 0, aborted: 1 });
    client.destroy();
  });

  test('an idle connection holds no green thread', async () => {
    const client = await connectTo({});
    client.write('GET /read HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.response();
    await turns(10);
    const { greenThreads, stacks } = getHub().stats();
    const others = await Promise.all(
      Array.from({ length: 20 }, () => RawClient.connect({ host: '127.0.0.1', port: server!.address.port })),
    );
    for (const other of others) {
      other.write('GET /read HTTP/1.1\r\nHost: a\r\n\r\n');
      await other.response();
    }
    await turns(10);
    expect(getHub().stats()).toMatchObject({ greenThreads, stacks: { inUse: stacks.inUse } });
    for (const one of [client, ...others]) one.destroy();
  });
});

// A client that goes away anywhere in a request: nothing hangs, no handler gets a whole request, nothing is left behind.
import { availableHubs, useHub } from 'verdant/hub';
import { type HttpServer } from 'verdant/http';
import { Record } from './support/play.cjs';
import { RawClient, turns } from './support/raw_client.cjs';
import { recordingServer } from './support/servers';

const requests: [name: string, bytes: string][] = [
  ['a GET', 'GET /path?query HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\nX-Empty:\r\n\r\n'],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a body with a length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello, world'],
  ['a body that waits', 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello'],
  [
    'a chunked body',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x="y"\r\nhello\r\na\r\n, world!!!\r\n0\r\nX-Sum: 1\r\n\r\n',
  ],
];

const ways: [name: string, leave: (client: RawClient) => void][] = [
  ['says that it sends no more', (client) => client.end()],
  ['resets the connection', (client) => client.reset()],
  ['closes its socket', (client) => client.destroy()],
];

describe.each(availableHubs())('hub %s', (hub) => {
  const record = new Record();
  let server: HttpServer;

  beforeAll(() => {
    useHub(hub);
    server = recordingServer(record, {});
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    useHub('node');
  });

  describe.each(requests)('%s, cut at every byte:', (_request, bytes) => {
    test.each(ways)('the client %s', async (_way, leave) => {
      for (let length = 0; length < bytes.length; length += 1) {
        record.clear();
        const client = await RawClient.connect({ host: '127.0.0.1', port: server.address.port });
        await client.deliver([bytes.slice(0, length)]);
        leave(client);
        await client.untilEnd();
        const answers = client.received.toString('latin1').match(/HTTP\/1\.1 [2-5]\d\d/g) ?? [];
        for (let turn = 0; turn < 2000 && server.stats().connections > 0; turn += 1) await turns(1);
        expect({ length, ...server.stats() }).toMatchObject({ length, connections: 0, running: 0 });
        expect({ length, handled: record.handled }).toEqual({ length, handled: [] });
        expect([[], ['HTTP/1.1 400'], ['HTTP/1.1 408']]).toContainEqual(answers);
      }
    });
  });

  test('the server still answers', async () => {
    const client = await RawClient.connect({ host: '127.0.0.1', port: server.address.port });
    client.write('GET /control HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await expect(client.response()).resolves.toMatchObject({ status: 200, body: 'control' });
    await client.untilEnd();
    client.destroy();
  });
});

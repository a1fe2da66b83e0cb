// What HTTP is spoken over: IPv6, TLS; and clients that do not get as far as HTTP.
import * as tls from 'verdant/tls';
import { testIPv6 } from '../../net/support/sockets';
import * as certificates from '../../support/certificates';
import { describeServing, get, post } from './support/serving';

describeServing(({ start, connect, settled }) => {
  testIPv6('IPv6', async () => {
    const server = start((request) => request.remoteAddress!.host ?? '', {}, { host: '::1', port: 0 });
    const client = await connect({ host: '::1', port: server.address.port });
    client.write(get('/'));
    await expect(client.response()).resolves.toMatchObject({ body: '::1' });
  });

  const secure = (): tls.TlsListener => tls.listen('127.0.0.1:0', certificates.server);
  const over = (port: number) => ({ host: '127.0.0.1', port, ca: certificates.ca, servername: 'localhost' });

  test('TLS: requests one behind the other, large bodies, pipelines', async () => {
    const server = start((request) => `${request.url} ${request.bytes().length}`, {}, secure());
    const client = await connect(over(server.address.port));
    client.write(get('/a'));
    await expect(client.response()).resolves.toMatchObject({ body: 'https://a/a 0' });
    client.write(
      post('/b', ['Content-Length: 1000000'], 'x'.repeat(1_000_000)) + get('/c') + get('/d', 'Connection: close'),
    );
    await expect(client.response()).resolves.toMatchObject({ body: 'https://a/b 1000000' });
    await expect(client.response()).resolves.toMatchObject({ body: 'https://a/c 0' });
    await expect(client.response()).resolves.toMatchObject({ body: 'https://a/d 0' });
    await expect(client.untilEnd()).resolves.toBe('');
    await settled();
  });

  test('TLS: a bad request gets its answer', async () => {
    const server = start(() => 'never', {}, secure());
    const client = await connect(over(server.address.port));
    client.write('GET / HTTP/1.1\r\n\r\n');
    await expect(client.response()).resolves.toMatchObject({ status: 400 });
    await client.untilEnd();
    await settled();
  });

  test('TLS: a client that goes away before its handshake harms nobody', async () => {
    const server = start(() => 'hello', {}, secure());
    const gone = await connect({ host: '127.0.0.1', port: server.address.port });
    gone.reset();
    const client = await connect(over(server.address.port));
    client.write(get('/', 'Connection: close'));
    await expect(client.response()).resolves.toMatchObject({ body: 'hello' });
    await client.untilEnd();
    await settled();
  });
});

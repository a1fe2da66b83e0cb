// Expect: 100-continue: the client is told to go on when somebody wants the body, once, and never in vain.
import { turns } from '../hostile/support/raw_client.cjs';
import { describeServing, get, post } from './support/serving';

describeServing(({ start, connect }) => {
  const asking = post('/', ['Expect: 100-continue', 'Content-Length: 5']);

  test('100 is sent once, however often the handler reads', async () => {
    start((request) => {
      let text = '';
      for (const piece of request.body!) text += String(piece);
      return text;
    });
    const client = await connect();
    client.write(asking);
    await client.response({ final: false });
    await client.deliver(['h', 'e', 'l', 'l', 'o']);
    await expect(client.response({ final: false })).resolves.toMatchObject({ status: 200, body: 'hello' });
  });

  test('100 is sent for chunked bodies', async () => {
    start((request) => request.text());
    const client = await connect();
    client.write(post('/', ['Expect: 100-continue', 'Transfer-Encoding: chunked']));
    await expect(client.response({ final: false })).resolves.toMatchObject({ status: 100 });
    client.write('5\r\nhello\r\n0\r\n\r\n');
    await expect(client.response({ final: false })).resolves.toMatchObject({ status: 200, body: 'hello' });
  });

  test('a client that does not wait is understood', async () => {
    start((request) => request.text());
    const client = await connect();
    client.write(`${asking}hello${get('/').replace('GET', 'POST')}`);
    await expect(client.response()).resolves.toMatchObject({ status: 200, body: 'hello' });
    await expect(client.response()).resolves.toMatchObject({ status: 200, body: '' });
  });

  test('HTTP/1.0 never gets 100', async () => {
    start((request) => request.text());
    const client = await connect();
    client.write('POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    await turns(10);
    expect(client.rest()).toBe('');
    client.write('hello');
    await expect(client.response({ final: false })).resolves.toMatchObject({ status: 200, body: 'hello' });
  });
});

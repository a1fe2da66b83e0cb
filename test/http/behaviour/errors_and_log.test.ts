// Answers that are none, contexts of their own for requests, and what the access log says of those that went wrong.
import { AsyncLocalStorage } from 'node:async_hooks';
import { type LogEntry } from 'verdant/http';
import { turns } from '../hostile/support/raw_client.cjs';
import { describeServing, get, post } from './support/serving';

describeServing(({ start, connect, ask, errors }) => {
  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('async'))],
    [
      'throws a value that is no error',
      () => {
        throw 'text';
      },
    ],
    [
      'throws undefined',
      () => {
        throw undefined;
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a number', () => 5],
    ['returns null', () => null],
  ])('a handler that %s gets 500', async (_name, handler) => {
    start(handler);
    await expect(ask(get('/'))).resolves.toMatchObject({ status: 500 });
    expect(errors.splice(0)).toHaveLength(1);
  });

  test('AsyncLocalStorage is private to each request', async () => {
    const storage = new AsyncLocalStorage<string>();
    start((request) => {
      const before = storage.getStore();
      storage.enterWith(request.path);
      request.text();
      return `${before} ${storage.getStore()}`;
    });
    const client = await connect();
    client.write(get('/1') + get('/2'));
    await expect(client.response()).resolves.toMatchObject({ body: 'undefined /1' });
    await expect(client.response()).resolves.toMatchObject({ body: 'undefined /2' });
  });

  test('refused and aborted requests are in the log', async () => {
    const entries: LogEntry[] = [];
    start((request) => request.text(), { log: (entry) => void entries.push(entry) });
    await ask('GET / HTTP/1.1\r\n\r\n');
    const client = await connect();
    client.write(post('/gone', ['Content-Length: 10'], 'hello'));
    await turns(5);
    client.reset();
    for (let turn = 0; turn < 1000 && entries.length < 2; turn += 1) await turns(1);
    expect(entries).toMatchObject([{ status: 400 }, { method: 'POST', url: '/gone', complete: false }]);
  });

  test('nothing that a client sends begins a line of its own in the log', async () => {
    const written: string[] = [];
    start(() => 'x', { log: { write: (line: string) => written.push(line) } });
    await ask(get('/%0a%0dinjected?"}', 'X: \xe4'));
    await turns(5);
    expect(written).toHaveLength(1);
    expect(JSON.parse(written[0]!)).toMatchObject({
      req: { method: 'GET', url: '/%0a%0dinjected?"}' },
      res: { statusCode: 200 },
    });
    expect(written[0]!.trimEnd()).not.toContain('\n');
  });
});

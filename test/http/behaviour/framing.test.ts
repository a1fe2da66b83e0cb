// Bodies, both ways: chunked, with a length, empty, large, and how a client sees that one is not whole.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { sleep } from 'verdant';
import { Response } from 'verdant/http';
import { describeServing, get, post } from './support/serving';

const large = Buffer.alloc(3_000_000, 'the quick brown fox ');
const sum = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

describeServing(({ start, connect, ask }) => {
  test('a stream is chunked, each piece as it comes', async () => {
    start(
      () =>
        new Response(
          (function* () {
            yield 'one';
            sleep(1);
            yield Buffer.from('two');
            yield '';
            yield 'three';
          })(),
        ),
    );
    const response = await ask(get('/'));
    // An empty piece must not look like the end.
    expect(response).toMatchObject({ framing: 'chunked', chunks: 3, body: 'onetwothree' });
  });

  const pieces = ['a', 'b', 'c'];
  test.each<[string, () => unknown]>([
    ['an array', () => pieces],
    ['a generator', () => pieces.values()],
    [
      'an async generator',
      async function* () {
        for (const piece of pieces) yield await Promise.resolve(piece);
      },
    ],
    ['a stream of Node', () => Readable.from(pieces.map((piece) => Buffer.from(piece)))],
    ['a stream of the web', () => new Blob(pieces).stream()],
  ])('%s is a body', async (_name, make) => {
    start(() => new Response(make() as never));
    await expect(ask(get('/'))).resolves.toMatchObject({ status: 200, body: 'abc' });
  });

  test.each<[string, () => unknown, string]>([
    ['text', () => 'größer', 'größer'],
    ['bytes', () => Buffer.from('größer'), 'größer'],
    ['the web’s Response', () => new globalThis.Response('größer', { headers: { 'X-A': 'b' } }), 'größer'],
    ['a promise of one', () => Promise.resolve(new Response('größer')), 'größer'],
    ['an empty text', () => '', ''],
    ['no body', () => new Response(), ''],
    ['JSON', () => Response.json({ größer: true }), '{"größer":true}'],
  ])('a handler may return %s', async (_name, make, expected) => {
    start(make);
    const { status, bytes, framing } = await ask(get('/'));
    expect({ status, text: String(bytes) }).toEqual({ status: 200, text: expected });
    expect(['length', 'chunked']).toContain(framing);
  });

  test('a large body goes in and out unharmed', async () => {
    start((request) => new Response(request.bytes()));
    const client = await connect();
    client.write(post('/', [`Content-Length: ${large.length}`]));
    client.write(large);
    expect(sum((await client.response()).bytes)).toBe(sum(large));
  });

  test('a large chunked body is echoed while it comes', async () => {
    start((request) => new Response(request.body));
    const client = await connect();
    client.write(post('/', ['Transfer-Encoding: chunked']));
    for (let at = 0; at < large.length; at += 100_000) {
      const piece = large.subarray(at, at + 100_000);
      client.write(`${piece.length.toString(16)}\r\n`);
      client.write(piece);
      client.write('\r\n');
    }
    client.write('0\r\n\r\n');
    expect(sum((await client.response()).bytes)).toBe(sum(large));
  });
});

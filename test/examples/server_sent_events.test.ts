// examples/server_sent_events: what one sends reaches all who listen; who comes back gets what he has missed; who goes
// away is let go.
import { type IncomingMessage } from 'node:http';
import { answerTo, ask, open } from './http_client';
import { type RunningExample, startExample } from './start_example';

let server: RunningExample;

beforeEach(async () => {
  server = await startExample('server_sent_events.mjs');
});

afterEach(async () => {
  expect(await server.stop()).toEqual({ code: 0, stderr: '' });
});

async function listen(headers = {}): Promise<IncomingMessage> {
  const sent = open(server.port, '/', { headers });
  sent.end();
  const answer = await answerTo(sent);
  expect(answer.headers['content-type']).toBe('text/event-stream');
  return answer.setEncoding('utf8');
}

/** Reads up to the end of so many events. */
function events(answer: IncomingMessage, count: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: string): void => {
      text += chunk;
      if (text.split('\n\n').length <= count) return;
      answer.off('data', read);
      resolve(text);
    };
    answer.on('data', read);
    answer.on('error', reject);
  });
}

const publish = (text: string): Promise<unknown> => ask(server.port, '/', text);

test('what one sends reaches all who listen', async () => {
  const listeners = [await listen(), await listen()];
  const heard = listeners.map((listener) => events(listener, 2));
  await publish('good news');
  await publish('two\nlines');
  const expected = 'id: 1\ndata: good news\n\nid: 2\ndata: two\ndata: lines\n\n';
  expect(await Promise.all(heard)).toEqual([expected, expected]);
  for (const listener of listeners) listener.destroy();
});

test('who comes back gets what he has missed', async () => {
  for (const text of ['one', 'two', 'three']) await publish(text);
  const listener = await listen({ 'last-event-id': '1' });
  expect(await events(listener, 2)).toBe('id: 2\ndata: two\n\nid: 3\ndata: three\n\n');
  listener.destroy();
});

test('the events end when the listener goes away, though there is nothing to tell', async () => {
  const listener = await listen();
  listener.destroy();
  await expect(server.printed(/a listener has gone/)).resolves.toBeUndefined();
});

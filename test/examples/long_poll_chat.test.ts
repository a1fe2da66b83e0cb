// examples/long_poll_chat: who asks waits for what the others say, and who goes away while waiting is told to the others.
import { ask, open } from './http_client';
import { type RunningExample, startExample } from './start_example';

let chat: RunningExample;

beforeEach(async () => {
  chat = await startExample('long_poll_chat.mjs');
});

afterEach(async () => {
  expect(await chat.stop()).toEqual({ code: 0, stderr: '' });
});

const say = (name: string, text: string): Promise<unknown> => ask(chat.port, `/?name=${name}`, text);

async function hear(after: number): Promise<unknown> {
  const { body } = await ask(chat.port, `/?name=bob&after=${after}`);
  return JSON.parse(body);
}

test('what was said is there at once', async () => {
  await say('ann', 'hello');
  await say('ann', 'anybody here?');
  expect(await hear(0)).toEqual({ next: 2, lines: ['ann: hello', 'ann: anybody here?'] });
  expect(await hear(1)).toEqual({ next: 2, lines: ['ann: anybody here?'] });
});

test('who asks before anybody has said something waits for it', async () => {
  const heard = hear(0);
  await say('ann', 'hello');
  expect(await heard).toEqual({ next: 1, lines: ['ann: hello'] });
});

test('nothing is the answer when nobody says anything for long', async () => {
  const impatient = await startExample('long_poll_chat.mjs', '--patience', '10');
  const { body } = await ask(impatient.port, '/?name=bob&after=7');
  expect(JSON.parse(body)).toEqual({ next: 7, lines: [] });
  expect(await impatient.stop()).toEqual({ code: 0, stderr: '' });
});

test('who goes away while waiting is told to those who stay', async () => {
  await say('bob', 'bye');
  const leaving = open(chat.port, '/?name=bob&after=1');
  leaving.end();
  leaving.on('error', () => undefined);
  leaving.on('socket', (socket) => socket.on('connect', () => setImmediate(() => leaving.destroy())));
  expect(await hear(1)).toEqual({ next: 2, lines: ['* bob has gone'] });
});

// examples/websocket_chat: two pages in a real browser talk to each other, and hear who comes and goes.
import { writeFileSync } from 'node:fs';
import { run } from 'verdant';
import { connect } from 'verdant/websocket';
import { Chromium, chromiumPath, type Page } from './chromium';
import { type RunningExample, startExample } from './start_example';

let chat: RunningExample;

beforeEach(async () => {
  chat = await startExample('websocket_chat/server.mjs');
});

afterEach(async () => {
  expect(await chat.stop()).toEqual({ code: 0, stderr: '' });
});

test('two programs chat', async () => {
  await run(() => {
    const url = `ws://127.0.0.1:${chat.port}/chat`;
    const limit = { timeout: 10_000 };
    const ann = connect(`${url}?name=ann`);
    expect(ann.receive(limit)).toBe('* ann has come');
    const bob = connect(`${url}?name=bob`);
    expect([ann.receive(limit), bob.receive(limit)]).toEqual(['* bob has come', '* bob has come']);
    ann.send('hello');
    expect([ann.receive(limit), bob.receive(limit)]).toEqual(['ann: hello', 'ann: hello']);
    bob.close();
    expect(ann.receive(limit)).toBe('* bob has gone');
    ann.send('x'.repeat(5000));
    ann.join(limit);
    expect(ann.closeCode).toBe(1009);
    bob.join(limit);
  });
});

if (chromiumPath === null) {
  console.warn('chromium is not installed: the chat page is not tested in a browser (apt install chromium)');
}

(chromiumPath === null ? describe.skip : describe)('in Chromium', () => {
  let chromium: Chromium;

  beforeAll(async () => {
    chromium = await Chromium.start();
  });

  afterAll(async () => {
    await chromium.stop();
  });

  const says = (line: string): string =>
    `[...document.querySelectorAll('#lines li')].some((line) => line.textContent === ${JSON.stringify(line)})`;

  async function join(name: string): Promise<Page> {
    const page = await chromium.open(`http://127.0.0.1:${chat.port}/`);
    await page.type('#name', name);
    await page.waitFor(says(`* ${name} has come`));
    expect(await page.evaluate("getComputedStyle(document.querySelector('#join')).display")).toBe('none');
    return page;
  }

  test('two pages chat with each other, and nothing is wrong on their consoles', async () => {
    const ann = await join('ann');
    const bob = await join('bob');
    await ann.waitFor(says('* bob has come'));
    await ann.type('#line', 'Grüße <b>🌱</b>');
    await bob.waitFor(says('ann: Grüße <b>🌱</b>'));
    await ann.waitFor(says('ann: Grüße <b>🌱</b>'));
    await bob.type('#line', 'y'.repeat(2000));
    await ann.waitFor(says(`bob: ${'y'.repeat(2000)}`));
    if (process.env.VERDANT_SCREENSHOT !== undefined) {
      writeFileSync(process.env.VERDANT_SCREENSHOT, await ann.screenshot());
    }
    await bob.close();
    await ann.waitFor(says('* bob has gone'));
    expect([...ann.errors, ...bob.errors]).toEqual([]);
  });

  test('the browser and the server agree on compression', async () => {
    const ann = await join('ann');
    const extensions = await ann.evaluate<string>(`new Promise((resolve) => {
      const ws = new WebSocket('ws://' + location.host + '/chat');
      ws.addEventListener('message', () => { resolve(ws.extensions); ws.close(); });
    })`);
    expect(extensions).toContain('permessage-deflate');
  });

  test('a page is told when the server goes down', async () => {
    const ann = await join('ann');
    const stopped = chat.stop();
    await ann.waitFor("document.querySelector('#state').textContent === 'Disconnected (1001). The server goes down'");
    expect((await stopped).code).toBe(0);
    chat = await startExample('websocket_chat/server.mjs');
  });
});

// examples/feed_scraper: the titles of many feeds, fetched at the same time; a feed that fails is said to, and spoils no
// other; a client that goes away takes its fetches with it.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { answerTo, ask, open } from './http_client';
import { type RunningExample, startExample } from './start_example';

const rss = (title: string): string => `<?xml version="1.0"?>
<rss version="2.0"><channel><title>${title}</title><item><title>an item</title></item></channel></rss>`;
const atom = (title: string): string => `<feed xmlns="http://www.w3.org/2005/Atom"><title>\n${title}\n</title></feed>`;

let scraper: RunningExample;
let feeds: Server;
/** Answers that wait until a test has them go out. */
let held: ServerResponse[];
let whenHeld: (count: number) => Promise<void>;

describe('examples/feed_scraper', () => {
  beforeEach(() => {
    held = [];
  });

  beforeAll(async () => {
    feeds = createServer((request, response) => {
      const path = request.url!;
      if (path === '/missing') response.writeHead(404).end('no');
      else if (path === '/broken') response.end('<rss><channel>');
      else if (path.startsWith('/held')) held.push(response);
      else response.end(path === '/atom' ? atom('Science &amp; more') : rss(`feed ${path}`));
      feeds.emit('held');
    });
    whenHeld = async (count) => {
      while (held.length < count) await once(feeds, 'held');
    };
    feeds.listen(0, '127.0.0.1');
    await once(feeds, 'listening');
    scraper = await startExample('feed_scraper.mjs');
  });

  afterAll(async () => {
    const ended = await scraper.stop();
    feeds.close();
    feeds.closeAllConnections();
    await once(feeds, 'close');
    expect(ended).toEqual({ code: 0, stderr: '' });
  });

  const at = (path: string): string => `http://127.0.0.1:${(feeds.address() as AddressInfo).port}${path}`;

  test('the titles come in the order of the addresses, whatever kind of feed they are from', async () => {
    const answer = await ask(scraper.port, '/', [at('/one'), at('/atom'), at('/two')].join('\n'));
    expect(answer).toMatchObject({ status: 200, body: 'feed /one\nScience & more\nfeed /two\n' });
  });

  test('a feed that fails is said to, and the others have their titles', async () => {
    const { body } = await ask(scraper.port, '/', [at('/missing'), at('/broken'), 'http:///', at('/one')].join('\n'));
    const [missing, broken, bad, one] = body.split('\n');
    expect(missing).toBe(`${at('/missing')}: 404`);
    expect(broken).toMatch(/\/broken: ./);
    expect(bad).toMatch(/^http:\/\/\/: ./);
    expect(one).toBe('feed /one');
  });

  test('all are fetched at the same time', async () => {
    const urls = Array.from({ length: 50 }, (_, index) => at(`/held/${index}`));
    const answer = ask(scraper.port, '/', urls.join('\n'));
    await whenHeld(50);
    for (const response of held) response.end(rss('a title'));
    expect((await answer).body).toBe('a title\n'.repeat(50));
  });

  test('titles go out as they come', async () => {
    const sent = open(scraper.port, '/', { method: 'POST' });
    sent.end(`${at('/one')}\n${at('/held')}`);
    const answer = await answerTo(sent);
    const [first] = (await once(answer, 'data')) as [Buffer];
    expect(first.toString()).toBe('feed /one\n');
    await whenHeld(1);
    held[0]!.end(rss('the last'));
    const [second] = (await once(answer, 'data')) as [Buffer];
    expect(second.toString()).toBe('the last\n');
  });

  test('when the client goes away its fetches are given up', async () => {
    const sent = open(scraper.port, '/', { method: 'POST' });
    sent.on('error', () => undefined);
    sent.end(`${at('/held/1')}\n${at('/held/2')}`);
    await whenHeld(2);
    const givenUp = Promise.all(held.map((response) => once(response, 'close')));
    sent.destroy();
    await givenUp;
    expect(held.every(({ writableFinished }) => !writableFinished)).toBe(true);
  });
});

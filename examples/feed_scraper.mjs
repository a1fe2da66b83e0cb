// node examples/feed_scraper.mjs [--port 3006], then `curl --data-binary @urls.txt 127.0.0.1:3006`: the titles of the feeds
// whose addresses are in the file, one a line, all fetched at the same time. After eventlet's example of that name.
import { parseArgs } from 'node:util';
import { parseXml } from '@rgrove/parse-xml';
import { GreenPool } from 'verdant';
import { fetch, Response, serve } from 'verdant/http';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3006' } } });
const pool = new GreenPool(200); // so many fetches at a time, for all clients together

const child = (element, wanted) => element.children.find(({ name }) => name === wanted);

/** Atom has it in the root, RSS in the channel within. */
function titleOf(text) {
  const { root } = parseXml(text);
  return child(child(root, 'channel') ?? root, 'title').text.trim();
}

function scrape(url, signal) {
  try {
    const response = fetch(url, { timeout: 10_000, signal });
    const text = response.text(); // in any case: that sets the connection free
    return `${response.ok ? titleOf(text) : `${url}: ${response.status}`}\n`;
  } catch (error) {
    return `${url}: ${error.message.split('\n')[0]}\n`;
  }
}

/** The lines go out in order, each as soon as it is known. When the client goes away, so do the fetches. */
function handle(request) {
  const urls = request.text().trim().split(/\s+/);
  return new Response(pool.imap((url) => scrape(url, request.signal), urls));
}

const server = serve(`127.0.0.1:${values.port}`, handle);
console.log(`listening on 127.0.0.1:${server.address.port}`);
process.once('SIGINT', () => void server.closeAsync({ timeout: 100 }));

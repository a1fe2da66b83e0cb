// npm run demo: crawls a web site twice, from two hundred green threads in blocking style and from async code that awaits
// green threads, all in one thread of one process, and checks that both found the same.
import { fileURLToPath } from 'node:url';
import { run } from 'verdant';
import { getHub } from 'verdant/hub';
import { crawlAsync } from './async_crawl.mjs';
import { crawlBlocking } from './blocking_crawl.mjs';
import { measure, printTable, seconds } from './report.mjs';
import { openSite } from './site.mjs';

const workers = 200;
const site = await openSite(fileURLToPath(new URL('..', import.meta.url)), ['docs', 'lib']);
console.log(`Node ${process.versions.node}: crawling ${site.url} (docs/ and lib/ of this repository)\n`);

const blocking = await measure(`blocking, ${workers} workers`, getHub(), () => run(crawlBlocking, site.url, workers));
const oneByOne = site.pausedSoFar();
const async = await measure('async, one per page', getHub(), () => crawlAsync(site.url));
site.close();

printTable([blocking, async]);
console.log(`\nOne page at a time, the server's pauses alone would take ${seconds(oneByOne)}.`);
console.log('(The first crawl also pays for opening the connections and for compiling the code.)');
if (blocking.sha256 === async.sha256) {
  console.log('Both crawls fetched the same bytes.');
} else {
  console.error('The two crawls fetched different bytes.');
  process.exitCode = 1;
}

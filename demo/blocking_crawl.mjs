// The crawl as threads would do it: two hundred workers, each a plain loop.
import { joinAll, spawn } from 'verdant';
import { fetchPage } from './fetch_page.mjs';
import { Frontier } from './frontier.mjs';

/** Blocks until the whole site is fetched. Call it on a green thread. */
export function crawlBlocking(start, workers) {
  const frontier = new Frontier();
  const pages = new Map();

  function work() {
    for (let url = frontier.next(); url !== null; url = frontier.next()) {
      const page = fetchPage(url);
      pages.set(url, page.body);
      for (const link of page.links) frontier.add(link);
      frontier.finished();
    }
  }

  frontier.add(start);
  const threads = Array.from({ length: workers }, () => spawn(work));
  joinAll(threads, { throwOnError: true });
  return { pages, greenThreads: threads.length };
}

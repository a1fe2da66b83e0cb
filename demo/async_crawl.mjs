// The same crawl from async code: it awaits green threads as it would await promises.
import { spawn } from 'verdant';
import { fetchPage } from './fetch_page.mjs';

/** Resolves when the whole site is fetched. */
export async function crawlAsync(start) {
  const known = new Set();
  const pages = new Map();

  async function visit(url) {
    if (known.has(url)) return;
    known.add(url);
    const page = await spawn(fetchPage, url);
    pages.set(url, page.body);
    await Promise.all(page.links.map(visit));
  }

  await visit(start);
  return { pages, greenThreads: known.size };
}

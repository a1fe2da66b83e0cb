// What a crawl came to, and a table of it.
import { createHash } from 'node:crypto';

/** Measures `crawl()`: its pages' number, bytes and fingerprint, and what it took. */
export async function measure(style, hub, crawl) {
  const switches = hub.stats().switches;
  const start = performance.now();
  const { pages, greenThreads } = await crawl();
  const ms = performance.now() - start;
  return { style, ...summary(pages), ms, greenThreads, switches: hub.stats().switches - switches };
}

// The order in which the pages came, and the server's port, are chance: the fingerprint does not depend on them.
function summary(pages) {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const [url, body] of [...pages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { pathname, search } = new URL(url);
    hash.update(`${pathname}${search}\n${body}\n`);
    bytes += Buffer.byteLength(body);
  }
  return { pages: pages.size, bytes, sha256: hash.digest('hex') };
}

export function printTable(results) {
  const rows = [
    ['style', 'pages', 'bytes', 'wall time', 'green threads', 'switches', 'sha256'],
    ...results.map((result) => [
      result.style,
      String(result.pages),
      String(result.bytes),
      seconds(result.ms),
      String(result.greenThreads),
      String(result.switches),
      result.sha256.slice(0, 12),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  '));
  }
}

export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

// A small web site over some of the repository's folders: a folder's page links to what is in it, a file's page links to
// its parts, a part is twenty lines of the file. Every answer takes a while, as answers do on a network.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const linesPerPart = 20;
const shortestPause = 20;
const longestPause = 80;

/** Serves `folders` of `root` on a free port; resolves to its address, and to what tells how long it kept people waiting. */
export async function openSite(root, folders) {
  let paused = 0;
  const server = createServer(async (request, response) => {
    const delay = shortestPause + Math.random() * (longestPause - shortestPause);
    await pause(delay);
    paused += delay;
    const page = render(root, folders, new URL(request.url, 'http://localhost'));
    response.writeHead(page === null ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page ?? 'Not found');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    pausedSoFar: () => paused,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function render(root, folders, { pathname, searchParams }) {
  if (pathname === '/') return linksTo(folders.map((folder) => `/${folder}/`));
  const path = join(root, decodeURIComponent(pathname));
  const inside = folders.some((folder) => path.startsWith(join(root, folder, '/')));
  if (!inside || !existsSync(path)) return null;
  if (statSync(path).isDirectory()) return linksTo(entries(path).map((name) => pathname + name));
  const lines = readFileSync(path, 'utf8').split('\n');
  const first = Number(searchParams.get('from') ?? 0);
  if (first > 0) return escape(lines.slice(first - 1, first - 1 + linesPerPart).join('\n'));
  const parts = Math.ceil(lines.length / linesPerPart);
  return linksTo(Array.from({ length: parts }, (_, part) => `${pathname}?from=${part * linesPerPart + 1}`));
}

const entries = (folder) =>
  readdirSync(folder, { withFileTypes: true }).map((entry) => entry.name + (entry.isDirectory() ? '/' : ''));

const linksTo = (targets) => targets.map((target) => `<a href="${target}">${target}</a>`).join('\n');

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

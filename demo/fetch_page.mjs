// One page, in blocking style: Node's own fetch, and nothing in sight that says "async". Both crawls use it.
import { wait } from 'verdant';

/** Blocks the calling green thread until the page is there. */
export function fetchPage(url) {
  const response = wait(fetch(url));
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const body = wait(response.text());
  const links = Array.from(body.matchAll(/<a href="([^"]+)">/g), ([, target]) => new URL(target, url).href);
  return { url, body, links };
}

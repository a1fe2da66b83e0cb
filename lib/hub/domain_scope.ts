import { createRequire } from 'node:module';
import { EventEmitter } from 'node:events';

/** What node:domain keeps per process and we keep per green thread: the domains entered and not yet left. */
interface Domain {
  enter(): void;
  exit(): void;
}

/** A green thread's entered domains, outermost first. */
export type Domains = readonly Domain[];

const load = createRequire(__filename);

// node:domain costs every asynchronous operation something once it is loaded, so it is looked at only if it is already.
function entered(): Domain[] | null {
  if ((EventEmitter as { usingDomains?: boolean }).usingDomains !== true) return null;
  const { _stack: stack } = load('node:domain') as { _stack?: Domain[] };
  return stack !== undefined && stack.length > 0 ? stack : null;
}

/** The domains that are entered now. */
export function currentDomains(): Domains | null {
  return entered()?.slice() ?? null;
}

/** Leaves all domains and returns them. */
export function leaveDomains(): Domains | null {
  const stack = entered();
  if (stack === null) return null;
  const left = stack.slice();
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) top.exit();
  return left;
}

/** Enters again what leaveDomains() returned. */
export function enterDomains(domains: Domains | null): void {
  if (domains === null) return;
  for (const domain of domains) domain.enter();
}

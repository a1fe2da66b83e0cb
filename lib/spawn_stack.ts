import { shared } from './realm';

/** Where a green thread was spawned; its text is made only when somebody asks. */
export type SpawnSite = { stack?: string } | null;

const marker = '    --- spawned at ---';

const settings = shared('spawnStacks', () => ({ on: true }));

/** Whether `spawn` remembers where it was called (the default). Off, it costs and tells nothing. */
export function spawnStacks(on: boolean): void {
  settings.on = on;
}

/** The stack of whoever called `below`. */
export function captureSpawnStack(below: (...args: never[]) => unknown): SpawnSite {
  if (!settings.on) return null;
  const site = {};
  Error.captureStackTrace(site, below);
  return site;
}

export function formatSpawnStack(site: SpawnSite): string {
  const stack = site?.stack;
  if (typeof stack !== 'string') return '';
  return stack.split('\n').slice(1).join('\n');
}

/** Appends the spawner's frames to the stack of an error that ended a green thread; once in the error's life. */
export function addSpawnStack(error: unknown, site: SpawnSite): void {
  if (site === null || !(error instanceof Error || isForeignError(error))) return;
  try {
    const { stack } = error;
    const spawned = formatSpawnStack(site);
    if (typeof stack !== 'string' || spawned === '' || stack.includes(marker)) return;
    error.stack = `${stack}\n${marker}\n${spawned}`;
  } catch {
    // A frozen error, or one whose stack is a hostile accessor: it stays as it is.
  }
}

function isForeignError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === '[object Error]';
}

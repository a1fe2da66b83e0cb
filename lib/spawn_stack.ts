import { join } from 'node:path';
import { shared } from './realm';

/** Where a green thread was spawned; its text is made only when somebody asks. */
export type SpawnSite = { stack?: string } | null;

// Two of them are verdant's own. Each costs a third of a microsecond at every spawn, so these must do.
const framesKept = 5;

// Compiled, and as source maps show it.
const ownFolders = [__dirname, join(__dirname, '..', 'lib')];

const marker = '    --- spawned at ---';

const settings = shared('spawnStacks', () => ({ on: true }));

/** Whether `spawn` remembers where it was called (the default). Off, it costs and tells nothing. */
export function spawnStacks(on: boolean): void {
  settings.on = on;
}

/** The running stack. */
export function captureSpawnStack(): SpawnSite {
  if (!settings.on) return null;
  const { stackTraceLimit } = Error;
  if (stackTraceLimit <= framesKept) return new Error();
  Error.stackTraceLimit = framesKept;
  const site = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return site;
}

export function formatSpawnStack(site: SpawnSite): string {
  return framesOf(site?.stack);
}

/** The frames of a stack's text, without verdant's own: they say nothing to a reader. */
export function framesOf(stack: unknown): string {
  if (typeof stack !== 'string') return '';
  const lines = stack.split('\n');
  return lines.filter((line) => /^\s+at /.test(line) && !ownFolders.some((own) => line.includes(own))).join('\n');
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

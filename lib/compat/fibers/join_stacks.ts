const seam = '    - - - - -';

/** The stacks of errors as they were before anybody's frames were put before their own. */
const originals = new WeakMap<object, string>();

/** Puts the caller's frames before those of an error that comes from elsewhere. `below`: the first function not to show. */
export function joinStacks(error: unknown, below: (...args: never[]) => unknown): void {
  if (!(error instanceof Error)) return;
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, below);
  try {
    const known = originals.get(error);
    const { stack } = error;
    if (typeof stack !== 'string') return;
    const original = known !== undefined && stack.includes(seam) ? known : stack;
    originals.set(error, original);
    const [first = '', ...frames] = original.split('\n');
    const [, ...callers] = (here.stack ?? '').split('\n');
    error.stack = [first, ...callers, seam, ...frames].join('\n');
  } catch {
    // A frozen error, or one whose stack is a hostile accessor: it stays as it is.
  }
}

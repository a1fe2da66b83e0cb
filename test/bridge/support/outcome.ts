import { getEventListeners } from 'node:events';
import { run } from 'verdant';

/** An error, of whose shape the tests know more than the compiler. */
export type Thrown = { message: string } & Record<string, unknown>;

/** How something ended, comparable with `toEqual` while keeping the identity of errors. */
export type Outcome = { value: unknown } | { error: unknown };

export function outcomeOf(promise: PromiseLike<unknown>): Promise<Outcome> {
  return Promise.resolve(promise).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/** Runs `fn` on a green thread; what it returns must be no promise: whoever blocks has waited for it. */
export function green<T>(fn: () => T): Promise<T> {
  return run(() => {
    const value = fn();
    if (typeof (value as { then?: unknown } | null | undefined)?.then === 'function') {
      throw new Error('it returned a promise in place of blocking');
    }
    return value;
  });
}

/** What `fn`, run on a green thread, throws. */
export async function errorOf(fn: () => unknown): Promise<Thrown> {
  const outcome = await outcomeOf(green(fn));
  if ('error' in outcome) return outcome.error as Thrown;
  throw new Error(`expected an error, got ${String(outcome.value)}`);
}

/** What `fn`, called right here, throws. */
export function thrownBy(fn: () => unknown): Thrown {
  try {
    fn();
  } catch (error) {
    return error as Thrown;
  }
  throw new Error('expected an error');
}

/** Every green thread that is ready now has run once this is fulfilled: the hub is FIFO. */
export async function turnOfTheHub(): Promise<void> {
  await run(() => undefined);
}

/** How many listen for the abort of `signal`. */
export function abortListeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

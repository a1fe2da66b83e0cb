import { setImmediate as immediate } from 'node:timers/promises';
import { greenToPromise, type GreenThread, promiseToGreen } from 'verdant';

/** One link: a green thread that runs an async function, which awaits the link below it. */
export interface Link {
  thread: GreenThread<string>;
  /** The signal that the async function of this link was given. */
  signal: AbortSignal;
  /** Aborts what this link awaits. */
  controller: AbortController;
  /** What this link's async function ended with. */
  ended?: { value: string } | { error: unknown };
  /** How often its finally block has run. */
  finallies: number;
}

/**
 * A chain async -> green -> async -> ... of `length` links, outermost first; the innermost awaits `leaf`. Each async
 * function is given the signal of its green thread and hands it on to the link below, with a controller of its own.
 */
export function buildChain(length: number, leaf: (signal: AbortSignal) => Promise<string>) {
  const links: Link[] = [];

  function descend(depth: number, above: AbortSignal): Promise<string> {
    if (depth === length) return leaf(above);
    const link = { controller: new AbortController(), finallies: 0 } as Link;
    links[depth] = link;
    link.thread = promiseToGreen(
      async (signal) => {
        link.signal = signal;
        const below = AbortSignal.any([signal, link.controller.signal]);
        try {
          const value = `${depth} ${await descend(depth + 1, below)}`;
          link.ended = { value };
          return value;
        } catch (error) {
          link.ended = { error };
          throw error;
        } finally {
          link.finallies += 1;
        }
      },
      { name: `link ${depth}` },
    );
    return greenToPromise(link.thread, { signal: above });
  }

  const outermost = new AbortController();
  return { links, outermost, result: descend(0, outermost.signal) };
}

/** All links have ended, and their async functions as well: those end a few turns after what cancelled them. */
export async function allEnded(links: Link[]): Promise<void> {
  for (let turns = 0; turns < 1000; turns += 1) {
    if (links.every(({ thread, finallies }) => thread.dead && finallies > 0)) return;
    await immediate();
  }
}

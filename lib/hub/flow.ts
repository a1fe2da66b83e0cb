import { shared } from '../realm';

/**
 * What the hub runs: a function with a stack of its own. The hub knows no more of a green thread than this, and a
 * suspended flow is held by nobody but those who can wake it.
 */
export interface Flow {
  /** Rises from one to the next. */
  readonly id: number;
  /** The coroutine it runs on; 0 before it has started. */
  slot: number;
  /** Asked before its first run; true when there is nothing to run any more (it was killed before it started). */
  discard(): boolean;
  /** It was ended by the engine rather than by its function. */
  crashed(error: unknown): void;
  /** The hub goes away: end at the next turn. */
  crashSoon(): void;
  /** Has `cleanup` called when it has ended. */
  onCleanup(cleanup: () => void): void;
  /** Name, state and stacks, for reports. */
  describe(): string;
}

/** What the floor above does with flows. It fills this in when it is loaded; until then there are none. */
export interface FlowKind {
  /** Runs the hub's current flow, which has not started yet, from its beginning to its end. */
  run: () => void;
  /** The suspended flow on that coroutine can be reached by nobody any more. */
  abandoned: (slot: number) => void;
}

export const flowKind: FlowKind = shared('flowKind', () => ({ run: () => undefined, abandoned: () => undefined }));

/**
 * What is to be done with guests: functions with stacks of their own that run inside of somebody's call, outside of the
 * hub's order (fibers). When one blocks, control goes back to its caller, and what waits is a flow that stands for it.
 * Filled in like `FlowKind`. A guest belongs to its user, properties and all, so nothing is asked of the object itself.
 */
export interface GuestKind {
  /** The flow that stands for the hub's guest; made when it is first asked for. */
  flow: () => Flow | null;
  /** The hub's guest is about to go back to its caller, because it blocks. */
  leaving: () => void;
  /** It goes on. */
  back: () => void;
  /** The flows of those that are blocked. */
  blocked: () => Flow[];
}

export const guestKind: GuestKind = shared('guestKind', () => ({
  flow: () => null,
  leaving: () => undefined,
  back: () => undefined,
  blocked: () => [],
}));

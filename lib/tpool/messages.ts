import { type Transferable } from 'node:worker_threads';

/** A function to call in the worker: by its source, or by where it is found. */
export type TargetMessage =
  { kind: 'source'; name: string; expression: string } | { kind: 'module'; specifier: string; path: string[] };

/** What the worker is asked for. */
export type Request =
  | { do: 'execute'; target: TargetMessage; args: unknown[] }
  | { do: 'make'; target: TargetMessage; args: unknown[] }
  | { do: 'call'; path: string[]; args: unknown[]; optional?: boolean };

/** What the worker answers; it never answers by throwing, so that what is thrown is known to be the thread's own end. */
export type Reply = { value: unknown } | { self: true } | { error: ThrownMessage };

/** Something thrown, in a form that survives the way between threads. */
export type ThrownMessage =
  | { kind: 'value'; value: unknown }
  | {
      kind: 'error';
      name: string;
      message: string;
      stack: string | undefined;
      properties: Record<string, unknown>;
      cause?: ThrownMessage;
      errors?: ThrownMessage[];
    };

/** A worker of ours has this on its `globalThis`. */
export const workerMark = Symbol.for('verdant.tpool.worker');

/** A result whose parts are to be moved; see `move`. By a registered symbol: the task may have another copy of verdant. */
export const movedMark = Symbol.for('verdant.tpool.moved');

/** See `move`. */
export interface Moved {
  [movedMark]: Transferable[];
  value: unknown;
}

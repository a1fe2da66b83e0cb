import { type Connection } from './connection';
import { type Exchange } from './exchange';
import { type ServerSettings } from './options';

/** What connections and exchanges know of their server. */
export interface ServerCore {
  readonly settings: ServerSettings;
  readonly counters: Counters;
  /** No new requests are wanted: answers say so. */
  readonly closing: boolean;
  /** Gives a request that has come to a green thread, as soon as there is a place for it. */
  dispatch(exchange: Exchange): void;
  /** Runs what must be run on a green thread; it must not throw. */
  runStep(step: () => void): void;
  /** A request was answered, or will never be. */
  over(exchange: Exchange): void;
  /** A request was refused before any handler saw it. */
  refused(connection: Connection, status: number): void;
  closed(connection: Connection): void;
  /** A handler has taken the connection over. */
  taken(connection: Connection, exchange: Exchange): void;
  /** What went wrong where nobody else is told. What the hook answers, if anything. */
  report(error: unknown, exchange: Exchange | null): unknown;
}

/** What a server counts. */
export interface Counters {
  accepted: number;
  requests: number;
  refused: number;
  timedOut: number;
  failed: number;
  aborted: number;
}

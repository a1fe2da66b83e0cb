import { GreenPool } from '../../pool/green_pool';
import {
  invalidType,
  outOfRange,
  validateCount,
  validateFunction,
  validateMilliseconds,
  validateObject,
} from '../../validate';
import { type Request } from '../request';
import { type AccessLog, type LogEntry, logOf } from './access_log';

/** What `serve` may be told. Times are in milliseconds, and Infinity means never; sizes are in bytes. */
export interface ServeOptions {
  /**
   * How long the head of a request may take, from its first byte (of a connection's first request: from the beginning) to
   * its last, however the bytes come in. Then 408, and the connection is closed. Default 15,000.
   */
  headerTimeout?: number | undefined;
  /** How long the body of a request may take, from the end of its head. Then reading it throws, which answers 408. Default 300,000. */
  bodyTimeout?: number | undefined;
  /** How long a connection may be idle between two requests before it is closed. Default 5,000. */
  idleTimeout?: number | undefined;
  /** How long a handler may take, until its answer is sent: then its green thread is killed, and 503 is answered. Default Infinity. */
  handlerTimeout?: number | undefined;
  /** How long the client may take nothing of what is being sent to it, before its connection is broken. Default 60,000. */
  writeTimeout?: number | undefined;
  /** The longest target of a request: 414 beyond. Default 8,192. */
  maxUrlSize?: number | undefined;
  /** The most that names and values of a request's headers may take: 431 beyond. Default 16,384. */
  maxHeaderSize?: number | undefined;
  /** The most headers, trailers included: 431 beyond. Default 100. */
  maxHeaders?: number | undefined;
  /** The largest body: 413 beyond. Default 16 MiB. */
  maxBodySize?: number | undefined;
  /** How many handlers may run at a time; later requests wait, first come, first served. Default Infinity. */
  concurrency?: number | undefined;
  /** How many connections there may be; later ones wait in the system's backlog. Default Infinity. */
  maxConnections?: number | undefined;
  /** Where handlers run, in place of green threads of their own: shared with others, perhaps. */
  pool?: GreenPool | undefined;
  /** When the client goes away, the handler of its request is killed. Default false: only `request.signal` aborts. */
  killOnDisconnect?: boolean | undefined;
  /**
   * A client that ends its side of the connection has not gone away: only if the connection breaks has it. Default false:
   * `request.signal` aborts then (and `killOnDisconnect` kills), for most clients that do so are gone; what the handler
   * answers is sent all the same.
   */
  allowHalfOpen?: boolean | undefined;
  /**
   * Told of each request when it is over: a function, a pino logger (or whatever has such an `info`), or a stream that gets
   * a line of JSON for each, in pino's form.
   */
  log?: AccessLog | undefined;
  /**
   * Told of what a handler has thrown, and of what broke an answer that had begun. If nothing was sent yet and it returns
   * an answer, that is sent in place of a bare 500. Without it, such errors are written to stderr.
   */
  onError?: ((error: unknown, request: Request | null) => unknown) | undefined;
}

/** The same, complete. */
export interface ServerSettings {
  readonly headerTimeout: number;
  readonly bodyTimeout: number;
  readonly idleTimeout: number;
  readonly handlerTimeout: number;
  readonly writeTimeout: number;
  readonly maxUrlSize: number;
  readonly maxHeaderSize: number;
  readonly maxHeaders: number;
  readonly maxBodySize: number;
  readonly concurrency: number;
  readonly maxConnections: number;
  readonly pool: GreenPool | undefined;
  readonly killOnDisconnect: boolean;
  readonly allowHalfOpen: boolean;
  readonly log: ((entry: LogEntry) => void) | undefined;
  readonly onError: ((error: unknown, request: Request | null) => unknown) | undefined;
}

/** Checks the options, and fills in what is not given. */
export function settingsOf(options: ServeOptions): ServerSettings {
  validateObject(options, 'options');
  const { pool, log, onError } = options;
  if (pool !== undefined && !(pool instanceof GreenPool)) throw invalidType('options.pool', 'a GreenPool', pool);
  if (onError !== undefined) validateFunction(onError, 'options.onError');
  return {
    headerTimeout: milliseconds(options, 'headerTimeout', 15_000),
    bodyTimeout: milliseconds(options, 'bodyTimeout', 300_000),
    idleTimeout: milliseconds(options, 'idleTimeout', 5000),
    handlerTimeout: milliseconds(options, 'handlerTimeout', Infinity),
    writeTimeout: milliseconds(options, 'writeTimeout', 60_000),
    maxUrlSize: size(options, 'maxUrlSize', 8192),
    maxHeaderSize: size(options, 'maxHeaderSize', 16_384),
    maxHeaders: size(options, 'maxHeaders', 100),
    maxBodySize: limit(options, 'maxBodySize', 16 * 2 ** 20, 0),
    concurrency: limit(options, 'concurrency', Infinity, 1),
    maxConnections: limit(options, 'maxConnections', Infinity, 1),
    pool,
    killOnDisconnect: flag(options, 'killOnDisconnect'),
    allowHalfOpen: flag(options, 'allowHalfOpen'),
    log: log === undefined ? undefined : logOf(log),
    onError,
  };
}

type Name = keyof ServeOptions;

function milliseconds(options: ServeOptions, name: Name, fallback: number): number {
  const value: unknown = options[name] ?? fallback;
  validateMilliseconds(value, `options.${name}`);
  return value;
}

function flag(options: ServeOptions, name: Name): boolean {
  const value: unknown = options[name] ?? false;
  if (typeof value !== 'boolean') throw invalidType(`options.${name}`, 'of type boolean', value);
  return value;
}

/** The addon holds these in 32 bits. */
const mostSize = 2 ** 30;

function size(options: ServeOptions, name: Name, fallback: number): number {
  const value: unknown = options[name] ?? fallback;
  validateCount(value, `options.${name}`);
  if (value > mostSize) throw outOfRange(`options.${name}`, `<= ${mostSize}`, value);
  return value;
}

function limit(options: ServeOptions, name: Name, fallback: number, least: number): number {
  const value: unknown = options[name] ?? fallback;
  if (typeof value !== 'number') throw invalidType(`options.${name}`, 'of type number', value);
  if (!(value >= least)) throw outOfRange(`options.${name}`, `>= ${least}`, value);
  return value;
}

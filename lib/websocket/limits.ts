import { invalidType, outOfRange, validateCount, validateMilliseconds, validateObject } from '../validate';

/** How messages are compressed (RFC 7692). Each connection that is keeps some 300 KiB for it unless these say less. */
export interface CompressionOptions {
  /** Messages that are shorter are sent as they are; bytes, default 1024. */
  threshold?: number | undefined;
  /** The server forgets what it has sent after each message: less memory, poorer compression. */
  serverNoContextTakeover?: boolean | undefined;
  /** The client does. */
  clientNoContextTakeover?: boolean | undefined;
  /** The server's window, as a power of two: 9 to 15. */
  serverMaxWindowBits?: number | undefined;
  /** The client's. */
  clientMaxWindowBits?: number | undefined;
  /** zlib's level: 1 (fast) to 9. */
  level?: number | undefined;
  /** zlib's memory for compressing: 1 (little) to 9; default 8. */
  memoryLevel?: number | undefined;
}

/** What either end of a connection may be told. */
export interface WebSocketOptions {
  /**
   * The longest message that is taken, in bytes, and after inflating; default 8 MiB. What is longer ends the connection with 1009.
   */
  maxPayload?: number | undefined;
  /** So many messages may have come in and not been received, before no more are read; default 128. */
  maxQueued?: number | undefined;
  /** The same in bytes; default 1 MiB. */
  maxQueuedBytes?: number | undefined;
  /** While so many bytes are on their way to the system, `send` waits; default 65,536. */
  highWaterMark?: number | undefined;
  /** Agree on compression if the other end can do it; default true. */
  compression?: boolean | CompressionOptions | undefined;
  /**
   * Ping the other end every so many milliseconds, and give the connection up when nothing at all has come between two of them.
   * Default: never. A load balancer that cuts idle connections is a reason to have one.
   */
  heartbeat?: number | undefined;
  /** How long the other end may take to answer a closing handshake, before the connection is cut; milliseconds, default 5,000. */
  closeTimeout?: number | undefined;
}

/** The same, checked, with nothing left out. */
export interface Limits {
  maxPayload: number;
  maxQueued: number;
  maxQueuedBytes: number;
  highWaterMark: number;
  heartbeat: number;
  closeTimeout: number;
  /** Messages of so many bytes are compressed if that was agreed on. */
  threshold: number;
}

/** The largest that the library `ws`, which counts in 32 bits, can tell. */
const mostPayload = 0x7fffffff;

/** The longest delay that Node's timers can tell. */
const mostMilliseconds = 0x7fffffff;

export function limitsOf(options: WebSocketOptions): Limits {
  const { compression = true } = options;
  const threshold = typeof compression === 'object' ? compression.threshold : undefined;
  return {
    maxPayload: sizeOf(options.maxPayload, 8 << 20, 'options.maxPayload', mostPayload),
    maxQueued: sizeOf(options.maxQueued, 128, 'options.maxQueued'),
    maxQueuedBytes: sizeOf(options.maxQueuedBytes, 1 << 20, 'options.maxQueuedBytes'),
    highWaterMark: sizeOf(options.highWaterMark, 65_536, 'options.highWaterMark'),
    heartbeat: durationOf(options.heartbeat, Infinity, 'options.heartbeat'),
    closeTimeout: durationOf(options.closeTimeout, 5000, 'options.closeTimeout'),
    threshold: threshold ?? 1024,
  };
}

/** Compression in the words of `ws`; false for none. */
export function compressionOf({ compression = true }: WebSocketOptions): object | false {
  // What is long enough is decided here, for each message.
  if (typeof compression === 'boolean') return compression ? { threshold: 0 } : false;
  validateObject(compression, 'options.compression');
  const { threshold, level, memoryLevel, ...agreed } = compression;
  if (threshold !== undefined) validateCount(threshold, 'options.compression.threshold');
  const { serverMaxWindowBits, clientMaxWindowBits } = agreed;
  checkRange(serverMaxWindowBits, 9, 15, 'options.compression.serverMaxWindowBits');
  checkRange(clientMaxWindowBits, 9, 15, 'options.compression.clientMaxWindowBits');
  checkRange(level, 1, 9, 'options.compression.level');
  checkRange(memoryLevel, 1, 9, 'options.compression.memoryLevel');
  const zlib: Record<string, number> = {};
  if (level !== undefined) zlib.level = level;
  if (memoryLevel !== undefined) zlib.memLevel = memoryLevel;
  return { ...agreed, threshold: 0, zlibDeflateOptions: zlib };
}

function sizeOf(value: unknown, standard: number, name: string, most = Number.MAX_SAFE_INTEGER): number {
  if (value === undefined) return standard;
  validateCount(value, name);
  if (value === 0 || value > most) throw outOfRange(name, `>= 1 and <= ${most}`, value);
  return value;
}

function durationOf(value: unknown, standard: number, name: string): number {
  if (value === undefined) return standard;
  validateMilliseconds(value, name);
  if (value === 0) throw outOfRange(name, '> 0', value);
  return value === Infinity ? Infinity : Math.min(value, mostMilliseconds);
}

function checkRange(value: unknown, least: number, most: number, name: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isInteger(value) || value < least || value > most) throw outOfRange(name, `${least} to ${most}`, value);
}

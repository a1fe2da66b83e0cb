import { hostname } from 'node:os';
import { invalidType } from '../../validate';

/** What the access log tells of one request. */
export interface LogEntry {
  /** When its head had come, as `Date.now()`. */
  time: number;
  /** The client's address; empty for a Unix socket without a name. */
  remoteAddress: string;
  /** The client's port; 0 for Unix sockets. */
  remotePort: number;
  /** The method; empty if the request could not be understood. */
  method: string;
  /** The request's target. */
  url: string;
  /** `1.0` or `1.1`. */
  httpVersion: string;
  /** The status that was answered; 0 if there was no answer. */
  status: number;
  /** Bytes of the answer that were handed to the system, head included. */
  bytes: number;
  /** From the end of the head to the end of the answer; milliseconds. */
  duration: number;
  /** False if the client was gone, or cut, before all of the answer had been sent. */
  complete: boolean;
}

/** Where the access log goes. */
export type AccessLog = ((entry: LogEntry) => void) | Logger | LineSink;

/** What pino's loggers, and others of their kind, have. */
export interface Logger {
  /** Logs an object with a message. */
  info(object: object, message?: string): void;
}

/** A stream, or whatever takes lines. */
export interface LineSink {
  /** Gets a line of JSON with its end. */
  write(line: string): unknown;
}

/** The function that puts an entry there. */
export function logOf(log: AccessLog): (entry: LogEntry) => void {
  if (typeof log === 'function') return log;
  if (typeof log === 'object' && log !== null) {
    if ('info' in log && typeof log.info === 'function') {
      return (entry) => {
        const { req, res, responseTime } = pinoFields(entry);
        log.info({ req, res, responseTime }, message(entry));
      };
    }
    if ('write' in log && typeof log.write === 'function') return (entry) => void log.write(line(entry));
  }
  throw invalidType('options.log', 'a function, a logger or a stream', log);
}

/** pino's level of `info`. */
const level = 30;
const { pid } = process;
let host: string | undefined;

function line(entry: LogEntry): string {
  host ??= hostname();
  const fields = { level, time: entry.time, pid, hostname: host, ...pinoFields(entry), msg: message(entry) };
  return `${JSON.stringify(fields)}\n`;
}

function pinoFields({ method, url, remoteAddress, remotePort, status, bytes, duration }: LogEntry): {
  req: object;
  res: object;
  responseTime: number;
} {
  return {
    req: { method, url, remoteAddress, remotePort },
    res: { statusCode: status, bytes },
    responseTime: Math.round(duration * 1000) / 1000,
  };
}

function message({ complete }: LogEntry): string {
  return complete ? 'request completed' : 'request aborted';
}

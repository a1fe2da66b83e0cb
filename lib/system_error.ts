import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const numbers = constants.errno;

/** The number of an error that this platform may not have; 0 then, which no failed call gives. */
export function numberOf(name: string): number {
  return -((numbers as Record<string, number | undefined>)[name] ?? 0);
}

/** What system calls answer when nothing is wrong: negative, as the addon gives them. */
export const EAGAIN = -numbers.EAGAIN;
export const ETIMEDOUT = -numbers.ETIMEDOUT;
export const EINPROGRESS = -numbers.EINPROGRESS;
export const EPERM = -numbers.EPERM;
export const EBADF = -numbers.EBADF;
export const ENOENT = -numbers.ENOENT;
export const EEXIST = -numbers.EEXIST;
export const EMFILE = -numbers.EMFILE;
export const ENFILE = -numbers.ENFILE;
export const ENOBUFS = -numbers.ENOBUFS;
export const ENOMEM = -numbers.ENOMEM;
export const ECONNABORTED = -numbers.ECONNABORTED;
export const ENOTCONN = -numbers.ENOTCONN;
export const EADDRNOTAVAIL = -numbers.EADDRNOTAVAIL;
export const EAFNOSUPPORT = -numbers.EAFNOSUPPORT;

/** An error of the operating system, in Node's shape. */
export interface SystemError extends Error {
  code: string;
  errno: number;
  syscall: string;
  address?: string;
  port?: number;
}

/**
 * @param errno - negative
 * @param syscall - in Node's words: `read`, `write`, `connect`
 * @param where - the address it was about
 */
export function systemError(errno: number, syscall: string, where?: { address: string; port?: number }): SystemError {
  const [code, text] = getSystemErrorMap().get(errno) ?? [`errno ${-errno}`, 'unknown error'];
  const place = where === undefined ? '' : ` ${where.address}${where.port === undefined ? '' : `:${where.port}`}`;
  // As Node does: whoever listens is told the whole of it, for the rest the code says enough.
  const detail = syscall === 'listen' || syscall === 'bind' ? `: ${text}` : '';
  const error = new Error(`${syscall} ${code}${detail}${place}`);
  return Object.assign(error, { errno, code, syscall, ...where });
}

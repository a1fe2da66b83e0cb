import { isIP } from 'node:net';
import { type NativeAddress } from '../native_io';
import { native } from '../realm';
import { invalidType, outOfRange, validateObject } from '../validate';

/** Where a socket is bound or connected to. It may be handed to `connect` again. */
export interface Address {
  /** The numeric address; empty for a Unix socket. */
  readonly host: string;
  /** The same, by the name that Node's `server.address()` has for it. */
  readonly address: string;
  /** `Unix` for Unix sockets. */
  readonly family: 'IPv4' | 'IPv6' | 'Unix';
  /** 0 for a Unix socket. */
  readonly port: number;
  /** A Unix socket's path; empty for one without a name, undefined for all others. */
  readonly path?: string;
}

/** Where to connect to or listen: `'host:port'`, `'[::1]:80'`, `':80'`, an object, or a descriptor. */
export type AddressLike =
  | string
  | {
      /** A name or a numeric address. Default: all interfaces to listen, this machine to connect. */
      readonly host?: string | undefined;
      /** 0 to 65535; 0 lets the system choose one. */
      readonly port?: number | undefined;
      /** A Unix socket's path; on Linux, one that begins with a zero byte is an abstract name. */
      readonly path?: string | undefined;
      /** A descriptor that is open already; it is closed with the socket. */
      readonly fd?: number | undefined;
    };

/** What an `AddressLike` says, in one shape. */
export type Target =
  | { readonly kind: 'inet'; readonly host: string | undefined; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'fd'; readonly fd: number };

export function parseTarget(address: unknown): Target {
  if (typeof address === 'string') return parseText(address);
  validateObject(address, 'address');
  const { host, port, path, fd } = address as Record<string, unknown>;
  if (fd !== undefined) return { kind: 'fd', fd: checkDescriptor(fd) };
  if (path !== undefined && path !== '') return parsePath(path);
  if (host !== undefined && typeof host !== 'string') throw invalidType('address.host', 'of type string', host);
  // Address objects of Unix sockets without a name, and what a null byte would cut short.
  if (host?.includes('\0') === true) throw invalidType('address.host', 'a string without null bytes', host);
  return { kind: 'inet', host: host === '' || host === '*' ? undefined : host, port: checkPort(port) };
}

// host:port, [host]:port, :port, *:port; an IPv6 address without brackets has too many colons to be split.
function parseText(text: string): Target {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text);
  if (match === null) {
    throw Object.assign(new TypeError(`The address '${text}' is not of the form 'host:port' or '[host]:port'`), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }
  return parseTarget({ host: match[1] ?? match[2], port: Number(match[3]) });
}

function parsePath(path: unknown): Target {
  if (typeof path !== 'string') throw invalidType('address.path', 'of type string', path);
  if (path.slice(1).includes('\0') && !path.startsWith('\0')) {
    throw invalidType('address.path', 'a string without null bytes', path);
  }
  return { kind: 'unix', path };
}

export function checkPort(port: unknown, name = 'address.port'): number {
  if (typeof port !== 'number') throw invalidType(name, 'of type number', port);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw Object.assign(outOfRange(name, '>= 0 and <= 65535', port), { code: 'ERR_SOCKET_BAD_PORT' });
}

function checkDescriptor(fd: unknown): number {
  if (typeof fd !== 'number') throw invalidType('address.fd', 'of type number', fd);
  if (!Number.isInteger(fd) || fd < 0 || fd >= 2 ** 31) throw outOfRange('address.fd', 'an integer >= 0', fd);
  return fd;
}

/** The kernel's bytes for a numeric address. */
export function encodeInet(host: string, port: number): Uint8Array {
  if (typeof host !== 'string') throw invalidType('address', 'of type string', host);
  const bytes = native.encodeAddress(host, port);
  if (bytes !== undefined) return bytes;
  throw Object.assign(new TypeError(`'${host}' is not an IPv4 or IPv6 address`), { code: 'ERR_INVALID_IP_ADDRESS' });
}

export function encodeUnix(path: string): Uint8Array {
  const bytes = native.encodeUnix(path);
  if (bytes !== undefined) return bytes;
  throw Object.assign(new RangeError(`The path of a Unix socket is too long: ${path}`), { code: 'ENAMETOOLONG' });
}

/** What an option `family` may be. */
export function validateFamily(family: unknown): asserts family is 4 | 6 | undefined {
  if (family !== undefined && family !== 4 && family !== 6) throw outOfRange('options.family', '4 or 6', family);
}

/** 4 or 6 for a numeric address (which may have a scope), 0 for a name. */
export function familyOf(host: string): number {
  return isIP(host);
}

export function toAddress({ family, host, port }: NativeAddress): Address {
  if (family !== 4 && family !== 6) return { host: '', address: '', family: 'Unix', port: 0, path: host };
  return { host, address: host, family: family === 4 ? 'IPv4' : 'IPv6', port };
}

/** How long an address array for the addon is: the bytes, and their number behind them. */
export const addressRoom = 129;

/** Reads what the addon has written into such an array. */
export function decodeRoom(room: Uint8Array): Address {
  return toAddress(native.decodeAddress(room.subarray(0, room[addressRoom - 1])));
}

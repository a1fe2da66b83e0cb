import { type Lookup, lookupAll } from '../dns/lookup';
import { NotGreenError } from '../errors';
import { getHub } from '../hub/registry';
import { native } from '../realm';
import { EAFNOSUPPORT, EADDRNOTAVAIL, systemError } from '../system_error';
import { invalidType, validateCount, validateObject } from '../validate';
import { type AddressLike, encodeInet, encodeUnix, familyOf, parseTarget } from './address';
import { streamType } from './fd_transport';
import { Listener } from './listener';

/** What `listen` may be told. */
export interface ListenOptions {
  /** How many connections may wait to be accepted; the system may allow fewer. Default 511. */
  backlog?: number | undefined;
  /**
   * Several sockets, also of other threads and processes, listen on the same port, and the system spreads the connections
   * over them. Default false.
   */
  reusePort?: boolean | undefined;
  /** On `::`, do not accept IPv4 connections too. Default false. */
  ipv6Only?: boolean | undefined;
  /** Send small pieces at once (default), or let the system gather them. */
  noDelay?: boolean | undefined;
  /** What finds the address of a name; default `lookupAll` of `verdant/dns`: the system. */
  lookup?: Lookup | undefined;
}

/** Makes a `Listener` or what extends it. */
export type MakeListener<L> = (fd: number, unlink: string | null) => L;

/**
 * Listens for connections. Does not block, and may be called anywhere; only a host name other than `localhost` has to be
 * resolved, and needs a green thread.
 * @param address - `'host:port'`, `'[::1]:80'`, `':80'` (all interfaces), `{ host, port }`, `{ path }`, `{ fd }` (a socket
 * that listens already). Port 0: the system chooses one, which `address` tells
 * @param options - `backlog`, `reusePort`, `ipv6Only`, `noDelay`
 * @returns the listener
 * @throws `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, ...
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { connect, listen, serve } from 'verdant/net';
 *
 * await run(() => {
 *   using listener = listen('127.0.0.1:0');
 *   console.log(listener.address.port > 0); // true
 * });
 * ```
 */
export function listen(address: AddressLike, options: ListenOptions = {}): Listener {
  return listenWith(address, options, (fd, unlink) => new Listener(fd, unlink));
}

/** @internal As `listen`, for another class of listeners. */
export function listenWith<L>(address: AddressLike, options: ListenOptions, make: MakeListener<L>): L {
  validateObject(options, 'options');
  if (options.backlog !== undefined) validateCount(options.backlog, 'options.backlog');
  const target = parseTarget(address);
  if (target.kind === 'fd') return adopt(target.fd, make);
  if (target.kind === 'unix') {
    const { path } = target;
    const named = !path.startsWith('\0');
    return open(1, encodeUnix(path), { address: path }, options, (fd) => make(fd, named ? path : null));
  }
  const { port } = target;
  if (target.host === undefined) return openEverywhere(port, options, make);
  const host = familyOf(target.host) === 0 ? resolve(target.host, options.lookup ?? lookupAll) : target.host;
  return open(familyOf(host), encodeInet(host, port), { address: host, port }, options, (fd) => make(fd, null));
}

// IPv6's "any" takes IPv4 connections too; some machines have no IPv6.
function openEverywhere<L>(port: number, options: ListenOptions, make: MakeListener<L>): L {
  try {
    return open(6, encodeInet('::', port), { address: '::', port }, options, (fd) => make(fd, null));
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno !== EAFNOSUPPORT && errno !== EADDRNOTAVAIL) throw error;
    return open(4, encodeInet('0.0.0.0', port), { address: '0.0.0.0', port }, options, (fd) => make(fd, null));
  }
}

function resolve(host: string, lookup: Lookup): string {
  if (getHub().current !== null) return lookup(host)[0]!.address;
  if (host === 'localhost') return '127.0.0.1';
  throw new NotGreenError(`listen() on the host name '${host}'`, 'give the address');
}

function open<L>(
  family: number,
  bytes: Uint8Array,
  where: { address: string; port?: number },
  options: ListenOptions,
  make: (fd: number) => L,
): L {
  const fd = native.openSocket(family, true);
  if (fd < 0) throw systemError(fd, 'listen', where);
  try {
    const check = (errno: number): void => {
      if (errno < 0) throw systemError(errno, 'listen', where);
    };
    if (family !== 1) {
      check(native.setOption(fd, 'reuseAddress', 1));
      // Accepted connections take it over on Linux; elsewhere each is told.
      if (options.noDelay !== false) check(native.setOption(fd, 'noDelay', 1));
      if (options.reusePort === true) check(native.setOption(fd, 'reusePort', 1));
    }
    if (family === 6) check(native.setOption(fd, 'ipv6Only', options.ipv6Only === true ? 1 : 0));
    check(native.bindSocket(fd, bytes));
    check(native.listenSocket(fd, options.backlog ?? 511));
    return make(fd);
  } catch (error) {
    native.closeSocket(fd);
    throw error;
  }
}

function adopt<L>(fd: number, make: MakeListener<L>): L {
  const type = native.getOption(fd, 'type');
  if (type < 0) throw systemError(type, 'listen');
  if (type !== streamType) throw invalidType('address.fd', 'the descriptor of a stream socket', fd);
  let error = native.adoptSocket(fd);
  if (error === 0 && native.getOption(fd, 'listening') !== 1) error = native.listenSocket(fd, 511);
  if (error < 0) throw systemError(error, 'listen');
  return make(fd, null);
}

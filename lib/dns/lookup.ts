import { type LookupAddress, type LookupAllOptions, lookupService as nodeLookupService, promises } from 'node:dns';
import { wait } from '../bridge/wait';
import { type BlockingOptions, requireGreen, validateBlockingOptions } from '../park';
import { awaitCallback } from './await_callback';

/** What `lookup` may be told: as Node's own, and what every blocking call takes. */
export interface LookupOptions extends BlockingOptions {
  /** Only addresses of this family; 0 (default): both. */
  family?: 0 | 4 | 6 | 'IPv4' | 'IPv6' | undefined;
  /** All addresses, in place of the first. Default false. */
  all?: boolean | undefined;
  /** Flags of getaddrinfo: `ADDRCONFIG`, `V4MAPPED`, `ALL` of `node:dns`. */
  hints?: number | undefined;
  /** Which family comes first; default: what `dns.setDefaultResultOrder` says, or else the system's order. */
  order?: 'ipv4first' | 'ipv6first' | 'verbatim' | undefined;
}

/** How `connect` and `listen` find the addresses of a host: `lookupAll`, or a resolver's. */
export type Lookup = (
  host: string,
  options?: BlockingOptions & { family?: 4 | 6 | undefined },
) => readonly LookupAddress[];

/** The names of an address and a port. */
export interface ServiceName {
  /** The host's name; the address if it has none. */
  hostname: string;
  /** The name of what usually listens there; the port if it has none. */
  service: string;
}

/**
 * The address of a host, found as the system does: hosts file, search domains, IPv6 scopes, mDNS and whatever else is
 * configured (getaddrinfo, on a thread of libuv's pool).
 *
 * The system's call cannot be stopped: after a timeout, an abort or a kill it goes on unheard, and keeps the process
 * alive until it is done. The queries of a `Resolver` can be stopped.
 * @param host - a name, or a numeric address, which is returned as it is
 * @param options - `family`, `all`, `hints`, `order` as for Node's own; `timeout` in milliseconds, `signal`
 * @returns address and family; with `all` an array of them, in the order in which to try them
 * @throws Node's error with `code` `ENOTFOUND`, `EAI_AGAIN`, ...; `ERR_VERDANT_TIMEOUT`; the signal's reason;
 * `ERR_VERDANT_NOT_GREEN`
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { lookup } from 'verdant/dns';
 *
 * await run(() => {
 *   console.log(lookup('localhost', { family: 4, timeout: 5000 }).address); // 127.0.0.1
 * });
 * ```
 */
export function lookup(host: string, options: LookupOptions & { all: true }): LookupAddress[];
/** As above, for one address. */
export function lookup(host: string, options?: LookupOptions & { all?: false | undefined }): LookupAddress;
/** As above, for either. */
export function lookup(host: string, options?: LookupOptions): LookupAddress | LookupAddress[];
export function lookup(host: string, options: LookupOptions = {}): LookupAddress | LookupAddress[] {
  requireGreen('lookup()', 'await dns.promises.lookup()');
  validateBlockingOptions(options);
  const { timeout, signal, ...request } = options;
  return wait(promises.lookup(host, request), { timeout, signal });
}

/**
 * All addresses of a host, in the order in which the system would have them tried; see `lookup`.
 * @param host - a name, or a numeric address
 * @param options - `family`; `timeout` in milliseconds, `signal`
 */
export function lookupAll(host: string, options?: BlockingOptions & { family?: 4 | 6 | undefined }): LookupAddress[] {
  const request: LookupAllOptions = { all: true, family: options?.family ?? 0 };
  return wait(promises.lookup(host, request), { timeout: options?.timeout, signal: options?.signal });
}

/**
 * The names of an address and of a port, as the system has them (getnameinfo). It cannot be stopped, as `lookup`.
 * @param address - numeric
 * @param port - 0 to 65535
 * @param options - `timeout` in milliseconds, `signal`
 * @throws Node's error with `code` `ENOTFOUND`, ...; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`
 */
export function lookupService(address: string, port: number, options?: BlockingOptions): ServiceName {
  return awaitCallback('lookupService()', options, (done) => {
    nodeLookupService(address, port, (error, hostname, service) => done(error, { hostname, service }));
    return undefined;
  });
}

import {
  type AnyRecord,
  type CaaRecord,
  getDefaultResultOrder,
  type LookupAddress,
  type MxRecord,
  type NaptrRecord,
  type RecordWithTtl,
  type Resolver as NodeResolver,
  type SoaRecord,
  type SrvRecord,
} from 'node:dns';
import { isIP } from 'node:net';
import { type BlockingOptions, requireGreen } from '../park';
import { awaitCallback, type Done } from './await_callback';
import { Channels } from './channels';

/** What a `Resolver` may be told when it is made. */
export interface ResolverOptions {
  /** How long one try of a query may take, in milliseconds; -1 (default): c-ares' own choice. */
  timeout?: number | undefined;
  /** How often each server is asked; default 4. */
  tries?: number | undefined;
}

/** For queries that can tell for how many seconds an answer is good. */
export interface TtlOptions extends BlockingOptions {
  /** Give `{ address, ttl }` in place of the bare addresses. */
  ttl?: boolean | undefined;
}

type Start<T> = (resolver: NodeResolver, done: Done<T>) => void;

/**
 * Asks DNS servers itself (c-ares), without hosts file and search domains, and without occupying libuv's threads. A query
 * ends with the answer, with Node's error (`ENOTFOUND`, `ENODATA`, `ETIMEOUT`, `ECANCELLED`, ...), with `ERR_VERDANT_TIMEOUT`
 * (`timeout` in milliseconds for all of it), with the reason of `signal` or of a kill, or with `ERR_VERDANT_NOT_GREEN`. What is
 * interrupted is cancelled: no socket or timer of that query is left. Any number of green threads may use one resolver.
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { Resolver } from 'verdant/dns';
 *
 * const resolver = new Resolver({ tries: 1 });
 * resolver.setServers(['127.0.0.1:1']);
 * await run(() => {
 *   try {
 *     resolver.resolve4('example.org', { timeout: 2000 });
 *   } catch (error) {
 *     console.log(error.code); // ECONNREFUSED
 *   }
 * });
 * ```
 */
export class Resolver {
  readonly #channels: Channels;

  /**
   * Legal anywhere.
   * @param options - `timeout` of one try in milliseconds, `tries`
   */
  constructor(options?: ResolverOptions) {
    this.#channels = new Channels(options);
  }

  /** The servers that are asked: the system's, until `setServers` is called. */
  getServers(): string[] {
    return this.#channels.servers;
  }

  /**
   * Asks these servers from the next query on.
   * @param servers - addresses, with or without a port: `'192.0.2.1'`, `'[2001:db8::1]:5353'`
   * @throws `ERR_INVALID_IP_ADDRESS`
   */
  setServers(servers: readonly string[]): void {
    this.#channels.servers = servers;
  }

  /**
   * Sends queries from these addresses from the next query on.
   * @param ipv4 - default `0.0.0.0`: the system chooses
   * @param ipv6 - default `::0`
   */
  setLocalAddress(ipv4?: string, ipv6?: string): void {
    this.#channels.setLocalAddress(ipv4, ipv6);
  }

  /** Cancels all queries that are under way; each throws an error with `code` `ECANCELLED`. */
  cancel(): void {
    this.#channels.cancelAll();
  }

  /**
   * IPv4 addresses.
   * @param host - a full name
   * @param options - `ttl`; `timeout` in milliseconds, `signal`
   */
  resolve4(host: string, options: TtlOptions & { ttl: true }): RecordWithTtl[];
  /** As above, without the times. */
  resolve4(host: string, options?: BlockingOptions): string[];
  resolve4(host: string, options?: TtlOptions): unknown {
    const ttl = options?.ttl === true;
    return this.#query('resolve4()', options, (resolver, done) => resolver.resolve4(host, { ttl }, done));
  }

  /**
   * IPv6 addresses.
   * @param host - a full name
   * @param options - `ttl`; `timeout` in milliseconds, `signal`
   */
  resolve6(host: string, options: TtlOptions & { ttl: true }): RecordWithTtl[];
  /** As above, without the times. */
  resolve6(host: string, options?: BlockingOptions): string[];
  resolve6(host: string, options?: TtlOptions): unknown {
    const ttl = options?.ttl === true;
    return this.#query('resolve6()', options, (resolver, done) => resolver.resolve6(host, { ttl }, done));
  }

  /**
   * Mail servers.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveMx(host: string, options?: BlockingOptions): MxRecord[] {
    return this.#query('resolveMx()', options, (resolver, done) => resolver.resolveMx(host, done));
  }

  /**
   * Texts, each in the pieces that it was sent in.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveTxt(host: string, options?: BlockingOptions): string[][] {
    return this.#query('resolveTxt()', options, (resolver, done) => resolver.resolveTxt(host, done));
  }

  /**
   * Services.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveSrv(host: string, options?: BlockingOptions): SrvRecord[] {
    return this.#query('resolveSrv()', options, (resolver, done) => resolver.resolveSrv(host, done));
  }

  /**
   * Name servers.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveNs(host: string, options?: BlockingOptions): string[] {
    return this.#query('resolveNs()', options, (resolver, done) => resolver.resolveNs(host, done));
  }

  /**
   * The name that this one is an alias of.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveCname(host: string, options?: BlockingOptions): string[] {
    return this.#query('resolveCname()', options, (resolver, done) => resolver.resolveCname(host, done));
  }

  /**
   * Pointers.
   * @param host - a full name, of the form `1.2.0.192.in-addr.arpa` for an address
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolvePtr(host: string, options?: BlockingOptions): string[] {
    return this.#query('resolvePtr()', options, (resolver, done) => resolver.resolvePtr(host, done));
  }

  /**
   * The start of authority.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveSoa(host: string, options?: BlockingOptions): SoaRecord {
    return this.#query('resolveSoa()', options, (resolver, done) => resolver.resolveSoa(host, done));
  }

  /**
   * Name authority pointers.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveNaptr(host: string, options?: BlockingOptions): NaptrRecord[] {
    return this.#query('resolveNaptr()', options, (resolver, done) => resolver.resolveNaptr(host, done));
  }

  /**
   * Which authorities may certify the name.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveCaa(host: string, options?: BlockingOptions): CaaRecord[] {
    return this.#query('resolveCaa()', options, (resolver, done) => resolver.resolveCaa(host, done));
  }

  /**
   * All kinds of records, if the server tells.
   * @param host - a full name
   * @param options - `timeout` in milliseconds, `signal`
   */
  resolveAny(host: string, options?: BlockingOptions): AnyRecord[] {
    return this.#query('resolveAny()', options, (resolver, done) => resolver.resolveAny(host, done));
  }

  /**
   * Records of one kind, in the shape in which the method for that kind gives them.
   * @param host - a full name
   * @param kind - `'A'` (default), `'AAAA'`, `'MX'`, `'TXT'`, ...
   * @param options - `timeout` in milliseconds, `signal`
   * @throws also `ERR_INVALID_ARG_VALUE` for a kind that is not known
   */
  resolve(host: string, kind?: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR', options?: BlockingOptions): string[];
  /** As above, for the other kinds. */
  resolve(host: string, kind: string, options?: BlockingOptions): unknown;
  resolve(host: string, kind = 'A', options?: BlockingOptions): unknown {
    return this.#query('resolve()', options, (resolver, done) => resolver.resolve(host, kind as 'A', done));
  }

  /**
   * The names of an address.
   * @param address - numeric
   * @param options - `timeout` in milliseconds, `signal`
   */
  reverse(address: string, options?: BlockingOptions): string[] {
    return this.#query('reverse()', options, (resolver, done) => resolver.reverse(address, done));
  }

  /**
   * All addresses of a host, IPv4 first unless Node was told `ipv6first`: for `connect(address, { lookup: resolver.lookupAll })`.
   * It knows `localhost` and numeric addresses by itself, and asks for both families at once.
   * @param host - a full name
   * @param options - `family`; `timeout` in milliseconds, `signal`
   */
  readonly lookupAll = (host: string, options?: BlockingOptions & { family?: 4 | 6 | undefined }): LookupAddress[] => {
    requireGreen('lookupAll()');
    const families = addressFamilies(options?.family);
    const literal = isIP(host);
    if (literal !== 0) return [{ address: host, family: literal }];
    if (/^localhost\.?$/i.test(host)) return families.map(loopback);
    return this.#query<LookupAddress[]>('lookupAll()', options, (resolver, done) =>
      queryAll(resolver, host, families, done),
    );
  };

  #query<T>(call: string, options: BlockingOptions | undefined, start: Start<T>): T {
    requireGreen(call);
    const channels = this.#channels;
    return awaitCallback<T>(call, options, (done) => {
      const channel = channels.take();
      try {
        start(channel.resolver, (error, value) => {
          channels.give(channel);
          done(error, value);
        });
      } catch (error) {
        channels.give(channel);
        throw error;
      }
      return () => channel.resolver.cancel();
    });
  }
}

function addressFamilies(family: 4 | 6 | undefined): (4 | 6)[] {
  if (family !== undefined) return [family];
  return getDefaultResultOrder() === 'ipv6first' ? [6, 4] : [4, 6];
}

function loopback(family: 4 | 6): LookupAddress {
  return { address: family === 4 ? '127.0.0.1' : '::1', family };
}

// A host may have addresses of one family only: it is not found if it has none at all.
function queryAll(resolver: NodeResolver, host: string, families: (4 | 6)[], done: Done<LookupAddress[]>): void {
  const found = new Map<number, LookupAddress[]>();
  let failure: Error | null = null;
  let left = families.length;
  for (const family of families) {
    const answered = (error: Error | null, addresses: string[]): void => {
      if (error === null) {
        found.set(
          family,
          addresses.map((address) => ({ address, family })),
        );
      } else failure ??= error;
      left -= 1;
      if (left > 0) return;
      const all = families.flatMap((each) => found.get(each) ?? []);
      done(all.length > 0 ? null : failure, all);
    };
    if (family === 4) resolver.resolve4(host, answered);
    else resolver.resolve6(host, answered);
  }
}

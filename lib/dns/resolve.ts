import { getServers } from 'node:dns';
import { Resolver } from './resolver';

/** A resolver that asks the servers of `dns.setServers()`, which may change at any time. */
let common: { resolver: Resolver; servers: string } | null = null;

function commonResolver(): Resolver {
  const servers = getServers();
  const key = servers.join();
  if (common?.servers !== key) {
    common = { resolver: new Resolver(), servers: key };
    common.resolver.setServers(servers);
  }
  return common.resolver;
}

type Methods = Pick<
  Resolver,
  | 'resolve4'
  | 'resolve6'
  | 'resolveMx'
  | 'resolveTxt'
  | 'resolveSrv'
  | 'resolveNs'
  | 'resolveCname'
  | 'resolvePtr'
  | 'resolveSoa'
  | 'resolveNaptr'
  | 'resolveCaa'
  | 'resolveAny'
  | 'resolve'
  | 'reverse'
>;

function method<K extends keyof Methods>(name: K): Resolver[K] {
  const forward = (...args: unknown[]): unknown =>
    (commonResolver()[name] as (...given: unknown[]) => unknown)(...args);
  return forward as Resolver[K];
}

/** IPv4 addresses: as `Resolver.resolve4`, from the servers of `dns.setServers()`. */
export const resolve4: Resolver['resolve4'] = method('resolve4');

/** IPv6 addresses: as `Resolver.resolve6`, from the servers of `dns.setServers()`. */
export const resolve6: Resolver['resolve6'] = method('resolve6');

/** Mail servers: as `Resolver.resolveMx`, from the servers of `dns.setServers()`. */
export const resolveMx: Resolver['resolveMx'] = method('resolveMx');

/** Texts: as `Resolver.resolveTxt`, from the servers of `dns.setServers()`. */
export const resolveTxt: Resolver['resolveTxt'] = method('resolveTxt');

/** Services: as `Resolver.resolveSrv`, from the servers of `dns.setServers()`. */
export const resolveSrv: Resolver['resolveSrv'] = method('resolveSrv');

/** Name servers: as `Resolver.resolveNs`, from the servers of `dns.setServers()`. */
export const resolveNs: Resolver['resolveNs'] = method('resolveNs');

/** The name that this one is an alias of: as `Resolver.resolveCname`, from the servers of `dns.setServers()`. */
export const resolveCname: Resolver['resolveCname'] = method('resolveCname');

/** Pointers: as `Resolver.resolvePtr`, from the servers of `dns.setServers()`. */
export const resolvePtr: Resolver['resolvePtr'] = method('resolvePtr');

/** The start of authority: as `Resolver.resolveSoa`, from the servers of `dns.setServers()`. */
export const resolveSoa: Resolver['resolveSoa'] = method('resolveSoa');

/** Name authority pointers: as `Resolver.resolveNaptr`, from the servers of `dns.setServers()`. */
export const resolveNaptr: Resolver['resolveNaptr'] = method('resolveNaptr');

/** Which authorities may certify the name: as `Resolver.resolveCaa`, from the servers of `dns.setServers()`. */
export const resolveCaa: Resolver['resolveCaa'] = method('resolveCaa');

/** All kinds of records: as `Resolver.resolveAny`, from the servers of `dns.setServers()`. */
export const resolveAny: Resolver['resolveAny'] = method('resolveAny');

/** Records of one kind: as `Resolver.resolve`, from the servers of `dns.setServers()`. */
export const resolve: Resolver['resolve'] = method('resolve');

/** The names of an address: as `Resolver.reverse`, from the servers of `dns.setServers()`. */
export const reverse: Resolver['reverse'] = method('reverse');

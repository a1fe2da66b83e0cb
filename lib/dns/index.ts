/**
 * Names and addresses: as the system finds them, or by asking DNS servers. Blocking-style calls that suspend only the
 * calling green thread.
 * @packageDocumentation
 */
export { lookup, lookupAll, type Lookup, type LookupOptions, lookupService, type ServiceName } from './lookup';
export {
  resolve4,
  resolve6,
  resolveMx,
  resolveTxt,
  resolveSrv,
  resolveNs,
  resolveCname,
  resolvePtr,
  resolveSoa,
  resolveNaptr,
  resolveCaa,
  resolveAny,
  resolve,
  reverse,
} from './resolve';
export { Resolver, type ResolverOptions, type TtlOptions } from './resolver';

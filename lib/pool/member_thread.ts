import { GreenThread, type SpawnOptions } from '../green_thread';
import { getHub } from '../hub/registry';
import { type SpawnSite } from '../spawn_stack';
import { type AnyFunction } from './spawn_arguments';

/** A green thread that holds a place in a pool. It knows the pool; the pool counts it and knows no more. */
export class MemberThread extends GreenThread {
  readonly pool: object;

  constructor(pool: object, fn: AnyFunction, args: unknown[], site: SpawnSite, options?: SpawnOptions) {
    super(fn, args, site, options);
    this.pool = pool;
  }
}

/** Whether the running green thread holds a place in `pool`. */
export function isMember(pool: object): boolean {
  const { current } = getHub();
  return current instanceof MemberThread && current.pool === pool;
}

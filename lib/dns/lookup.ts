import { type LookupAddress, type LookupAllOptions, promises } from 'node:dns';
import { wait } from '../bridge/wait';
import { type BlockingOptions } from '../park';

/** All addresses of a host, in the order in which the system would have them tried. */
export function lookupAll(host: string, options?: BlockingOptions & { family?: 4 | 6 | undefined }): LookupAddress[] {
  const request: LookupAllOptions = { all: true, family: options?.family ?? 0 };
  return wait(promises.lookup(host, request), { timeout: options?.timeout, signal: options?.signal });
}

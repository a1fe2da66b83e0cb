import { type GreenThread } from '../green_thread';
import { type BlockingOptions } from '../park';
import { type AnyFunction, type PoolSpawnOptions } from './spawn_arguments';

/** A `GreenPool`, as seen by what is built on it. */
export interface Places {
  /** How many there are. */
  readonly size: number;
  /** Takes a place if there is one. */
  tryPlace(): boolean;
  /** Blocks until a place is handed over; gives what it was woken with: undefined, unless by somebody else. */
  waitForPlace(call: string, options: BlockingOptions | undefined): unknown;
  /** Starts a green thread in a place that has been taken. */
  start(fn: AnyFunction, args: unknown[], options: PoolSpawnOptions | undefined): GreenThread;
  /** Gives a place back that has been taken. */
  leave(): void;
}

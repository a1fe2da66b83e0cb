import { type GreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { park } from '../park';
import { type WaitQueue } from '../wait_queue';

/**
 * Waits in `queue` for a lock that must be had whatever happens: who leaves `Condition.wait`, by an error as well, has it.
 * A kill or a timeout that comes meanwhile is kept for the next suspension.
 * @returns whether the lock was handed over; if not, it may be free by now
 */
export function awaitTurnDeaf(call: string, queue: WaitQueue): boolean {
  let parked = false;
  const subscribe = (): undefined => {
    parked = true;
  };
  try {
    park(call, { queue, subscribe, keeps: true, deaf: true });
    return true;
  } catch (error) {
    if (!parked) throw error; // it cannot be suspended at all: the hub is closed
    postpone(error);
    return false;
  }
}

function postpone(error: unknown): void {
  (getHub().current as GreenThread).interrupt(error);
}

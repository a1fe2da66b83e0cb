import { type GreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { park } from '../park';
import { type WaitQueue } from '../wait_queue';

/**
 * Waits in `queue` whatever happens: who leaves `Condition.wait`, by an error as well, has the lock. A kill or a timeout
 * that comes meanwhile is kept for the next suspension.
 */
export function awaitTurnDeaf(call: string, queue: WaitQueue): void {
  for (;;) {
    let parked = false;
    const subscribe = (): undefined => {
      parked = true;
    };
    try {
      park(call, { queue, subscribe, keeps: true, deaf: true });
      return;
    } catch (error) {
      if (!parked) throw error; // it cannot be suspended at all: the hub is closed
      postpone(error);
    }
  }
}

function postpone(error: unknown): void {
  (getHub().current as GreenThread).interrupt(error);
}

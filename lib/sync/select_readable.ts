import { getHub } from '../hub/registry';
import { validateDescriptor } from '../hub/descriptors';
import { native } from '../realm';
import { systemError } from '../system_error';
import { invalidType } from '../validate';
import { type Waiter } from '../wait_queue';
import { meetInterruption } from './queue_place';
import { SelectCase, type SelectPlace } from './select_case';

/** What something is to be received from: green sockets are such. */
export interface Receivable {
  /** Whether receiving would come back at once: with data, with the end, or with an error. */
  receivable(): boolean;
  /**
   * Stands in line as the one reader; who is woken asks `receivable()` again. Throws `ERR_VERDANT_CONCURRENT_USE` if somebody
   * else reads. The waiter leaves by itself (`waiter.queue.remove(waiter)`).
   */
  joinReaders(waiter: Waiter): void;
}

/** There is something to be received, or the end of it. */
export class ReadableCase extends SelectCase<undefined> {
  readonly #source: Receivable;

  constructor(source: number | Receivable) {
    super();
    this.#source = typeof source === 'number' ? new ReadableDescriptor(source) : source;
    if (typeof (this.#source as Partial<Receivable> | null)?.joinReaders !== 'function') {
      throw invalidType('source', 'a Socket or a file descriptor', source);
    }
  }

  ready(): boolean {
    return this.#source.receivable();
  }

  happen(): undefined {
    return undefined;
  }

  watch(place: SelectPlace): () => void {
    const source = this.#source;
    place.stillWaiting = () => {
      if (source.receivable()) return false;
      source.joinReaders(place);
      return true;
    };
    source.joinReaders(place);
    return () => place.leave();
  }

  conclude(call: string): undefined {
    meetInterruption(call);
  }
}

/** A descriptor that somebody else opens, reads and closes. */
class ReadableDescriptor implements Receivable {
  readonly #fd: number;

  constructor(fd: number) {
    validateDescriptor(fd);
    this.#fd = fd;
  }

  receivable(): boolean {
    const ready = native.isReady(this.#fd, false);
    if (ready < 0) throw systemError(ready, 'poll');
    return ready > 0;
  }

  joinReaders(waiter: Waiter): void {
    const hub = getHub();
    const descriptor = hub.descriptors.watch(this.#fd, false);
    if (descriptor === null) return; // always ready, so nobody waits for it
    descriptor.refuseSecond('read', hub.current);
    descriptor.readers.push(waiter);
  }
}

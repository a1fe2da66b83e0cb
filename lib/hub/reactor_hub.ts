import { native } from '../realm';
import { NodeHub } from './node_hub';

/**
 * A hub that owns the thread's wait: it asks the kernel itself which descriptors are ready, and Node's loop is one of its
 * sources. Fewer steps lie between a packet and the green thread that waits for it. Timers, promises, `fs`, child
 * processes go on as with the default hub.
 *
 * A thread has one wait. A second hub of this kind (of another realm) takes its turns from Node's loop.
 */
export abstract class ReactorHub extends NodeHub {
  readonly #loop = this.descriptors.loop(true);
  readonly #host = native.isHost(this.#loop);

  protected override requestTurn(soon: boolean): void {
    if (this.#host) native.requestTurn(this.#loop, soon);
    else super.requestTurn(soon);
  }

  protected override requestTurnAt(deadline: number | null): void {
    if (!this.#host) super.requestTurnAt(deadline);
    else if (deadline === null) native.requestTurnAt(this.#loop, Infinity);
    else native.requestTurnAt(this.#loop, native.now() + deadline - this.time());
  }
}

/** The hub on Linux's epoll. `useHub('epoll')`, or `VERDANT_HUB=epoll`. */
export class EpollHub extends ReactorHub {
  override readonly name: string = 'epoll';
}

/** The hub on the BSDs' and macOS's kqueue. `useHub('kqueue')`, or `VERDANT_HUB=kqueue`. */
export class KqueueHub extends ReactorHub {
  override readonly name: string = 'kqueue';
}

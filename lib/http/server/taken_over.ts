import { type Socket } from '../../net/socket';
import { type Transport } from '../../net/transport';
import { type Exchange } from './exchange';
import { type CutRequest } from './http_server';

interface Taken {
  readonly socket: WeakRef<Socket>;
  readonly request: Omit<CutRequest, 'stack'>;
}

/** The connections that handlers have taken over, for as long as they are open and somebody has them. */
export class TakenOver {
  readonly #open = new Set<Taken>();
  readonly #changed: () => void;
  readonly #lost = new FinalizationRegistry<Taken>((taken) => this.#gone(taken));

  /** @param changed - told whenever there is one less */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#open.size;
  }

  add(socket: Socket, exchange: Exchange): void {
    const { remoteAddress, method, target } = exchange;
    const taken: Taken = {
      socket: new WeakRef(socket),
      request: { remoteAddress, method, url: target, state: 'upgraded' },
    };
    this.#open.add(taken);
    this.#lost.register(socket, taken, taken);
    whenClosed(socket.transport, () => this.#gone(taken));
  }

  #gone(taken: Taken): void {
    this.#lost.unregister(taken);
    if (this.#open.delete(taken)) this.#changed();
  }

  cut(): CutRequest[] {
    const cut = [...this.#open].map(({ request }) => ({ ...request, stack: '' }));
    for (const taken of [...this.#open]) {
      taken.socket.deref()?.close({ reset: true });
      this.#gone(taken);
    }
    return cut;
  }
}

// A socket has no event for its end; it always ends here, and nowhere else.
function whenClosed(transport: Transport, callback: () => void): void {
  const end = (name: 'close' | 'detach'): void => {
    const methods = transport as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;
    const method = methods[name];
    if (method === undefined) return;
    methods[name] = (...args) => {
      const result = method.apply(transport, args);
      callback();
      return result;
    };
  };
  end('close');
  end('detach');
}

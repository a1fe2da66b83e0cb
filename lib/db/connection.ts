import { type Blocking, blocking } from '../bridge/blocking';
import { isThenable, wait } from '../bridge/wait';
import { Remote } from '../tpool/remote';

type Method = (...args: unknown[]) => unknown;

/** What a client may emit when its connection is gone, beside 'error' when it has failed. */
const endings = ['end', 'close'] as const;

/** How clients end in good order; the first that there is. */
const farewells = ['quit', 'end', 'close', 'disconnect', 'destroy'];

/** How they are cut off. */
const cuts = ['destroy', 'disconnect', 'terminate'];

interface Emitter {
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

/** A connection of a pool, with what the pool must remember of it. */
export class Connection<C extends object> {
  /** As it is lent: its methods block. */
  readonly view: Blocking<C>;
  idleSince: number;
  readonly #raw: C;
  #broken = false;
  #gone = false;
  readonly #onEnding: () => void;
  readonly #onGone: () => void;

  /** @param onBroken - called, in whatever context, when the client says that it has ended */
  constructor(
    raw: C,
    readonly madeAt: number,
    readonly generation: number,
    onBroken: (connection: Connection<C>) => void,
  ) {
    this.#raw = raw;
    // A remote object's methods block by themselves.
    this.view = Remote.of(raw) === undefined ? blocking(raw) : (raw as unknown as Blocking<C>);
    this.idleSince = madeAt;
    this.#onEnding = () => {
      if (this.#broken) return;
      this.#broken = true;
      onBroken(this);
    };
    this.#onGone = () => {
      this.#gone = true;
      this.#onEnding();
    };
    const emitter = emitterOf(raw);
    emitter?.on('error', this.#onEnding);
    for (const event of endings) emitter?.on(event, this.#onGone);
  }

  /** It has ended, or failed: nobody should get it any more. */
  get broken(): boolean {
    return this.#broken || Remote.of(this.#raw)?.dead === true;
  }

  /**
   * The pool listens no longer: what a client says after its end interests nobody. But an 'error' without a listener would
   * end the process.
   */
  retire(): void {
    this.#broken = true;
    const emitter = emitterOf(this.#raw);
    if (emitter === undefined) return;
    for (const event of endings) emitter.removeListener(event, this.#onGone);
    emitter.removeListener('error', this.#onEnding);
    emitter.on('error', ignore);
  }

  /** Ends it in good order, blocking; throws if that cannot be done. */
  close(): void {
    const remote = Remote.of(this.#raw);
    if (remote !== undefined) {
      try {
        if (!remote.dead) remote.callIfThere('close');
      } finally {
        void remote.kill();
      }
      return;
    }
    if (this.#gone) return; // nobody is there to say goodbye to
    const name = farewells.find((method) => typeof member(this.#raw, method) === 'function');
    if (name !== undefined) (member(this.view, name) as Method).call(this.view);
  }

  /** Ends it at once, as well as its client can; never throws or blocks. */
  cut(): void {
    try {
      const remote = Remote.of(this.#raw);
      if (remote !== undefined) {
        void remote.kill();
        return;
      }
      const name = cuts.find((method) => typeof member(this.#raw, method) === 'function');
      const result = name === undefined ? undefined : (member(this.#raw, name) as Method).call(this.#raw);
      if (isThenable(result)) Promise.resolve(result).catch(ignore);
      // Clients that have no such method keep their socket here (pg); others only ask the server to hang up (ioredis).
      const stream = member(member(this.#raw, 'connection'), 'stream') ?? member(this.#raw, 'stream');
      const destroy = member(stream, 'destroy');
      if (typeof destroy === 'function') (destroy as Method).call(stream);
    } catch {
      // It was broken already, and this was the last try.
    }
  }
}

/** Undoes what a borrower has left half done: calls the client's `rollback()`, else sends it `ROLLBACK` by `query()`. */
export function rollback(connection: object): void {
  const remote = Remote.of(connection);
  if (remote !== undefined) {
    remote.callIfThere('rollback');
    return;
  }
  const undo = member(connection, 'rollback');
  const query = member(connection, 'query');
  if (typeof undo === 'function') wait((undo as Method).call(connection));
  else if (typeof query === 'function') wait((query as Method).call(connection, 'ROLLBACK'));
}

function emitterOf(raw: object): Emitter | undefined {
  if (Remote.of(raw) !== undefined) return undefined;
  const listens = typeof member(raw, 'on') === 'function' && typeof member(raw, 'removeListener') === 'function';
  return listens ? (raw as Emitter) : undefined;
}

function member(holder: unknown, name: string): unknown {
  return holder === null || holder === undefined ? undefined : (holder as Record<string, unknown>)[name];
}

function ignore(): void {
  // on purpose
}

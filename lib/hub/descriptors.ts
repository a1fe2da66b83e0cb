import { native } from '../realm';
import { EBADF, EEXIST, ENOENT, EPERM, systemError } from '../system_error';
import { outOfRange, validateCount } from '../validate';
import { Descriptor } from './descriptor';

const capacity = 1024;
/** Its last values are the loop's own; at a million opened descriptors a second this is an hour's worth. */
const generations = 0xffff_0000;

const greatestDescriptor = 2 ** 31 - 1;

/** The addon takes a descriptor as an int: what is none would be another one there. */
export function validateDescriptor(fd: unknown): asserts fd is number {
  validateCount(fd, 'fd');
  if (fd > greatestDescriptor) throw outOfRange('fd', `<= ${greatestDescriptor}`, fd);
}

/** The descriptors that a hub watches, by number, and the reactor that tells of them. */
export class Descriptors {
  /** How many wait for a descriptor. */
  waiting = 0;

  readonly #turn: (newPass: boolean) => void;
  readonly #table: (Descriptor | undefined)[] = [];
  readonly #batch = new Uint32Array(1 + 3 * capacity);
  /** For the events of a turn while they are handed out. */
  #spare: Uint32Array | null = null;
  #loop = -1;
  #generation = 0;
  #held = false;
  #keepsAlive = true;

  /** @param turn - runs a turn of the hub */
  constructor(turn: (newPass: boolean) => void) {
    this.#turn = turn;
  }

  /** The reactor's number in the addon; it is opened at the first call. */
  loop(host = false): number {
    if (this.#loop >= 0) return this.#loop;
    const opened = native.openLoop(this.#turn, this.#batch, host);
    if (opened < 0) throw systemError(opened, 'epoll_create');
    native.keepAlive(opened, this.#keepsAlive);
    this.#loop = opened;
    return opened;
  }

  /** The descriptor of that number as it is watched now, if it is. */
  get(fd: number): Descriptor | undefined {
    return this.#table[fd];
  }

  /** The descriptor, watched from now on. Null for a kind of file that is always ready. */
  watch(fd: number, owned: boolean): Descriptor | null {
    const known = this.#table[fd];
    if (known !== undefined) {
      if (known.owned || this.#stillWatched(known)) {
        known.owned ||= owned; // a socket that somebody has waited for by its number
        return known;
      }
      this.discard(known, 'The file descriptor was closed, and its number is in use again');
    }
    const loop = this.loop();
    this.#generation = (this.#generation + 1) % generations;
    const descriptor = new Descriptor(fd, this.#generation, owned, this);
    let error = native.watch(loop, fd, descriptor.generation);
    // What was watched under this number lives on as somebody's duplicate of it; this one takes its place.
    if (error === EEXIST) error = native.rearm(loop, fd, descriptor.generation);
    if (error === EPERM) return null;
    if (error < 0) throw systemError(error, 'epoll_ctl');
    this.#table[fd] = descriptor;
    return descriptor;
  }

  /** A new descriptor has that number: whoever else was known by it has been closed by somebody who did not say so. */
  opened(fd: number): void {
    const stale = this.#table[fd];
    if (stale !== undefined) this.discard(stale, 'The file descriptor was closed, and its number is in use again');
  }

  /** Reports the readiness of the descriptor again. */
  rearm(descriptor: Descriptor): void {
    if (!this.#stillWatched(descriptor)) this.discard(descriptor, 'The file descriptor was closed');
  }

  #stillWatched({ fd, generation }: Descriptor): boolean {
    const error = native.rearm(this.#loop, fd, generation);
    return error !== ENOENT && error !== EBADF;
  }

  /** Nobody waits for it any more. */
  forget(descriptor: Descriptor): void {
    if (this.#table[descriptor.fd] !== descriptor) return;
    this.#table[descriptor.fd] = undefined;
    if (this.#loop >= 0) native.unwatch(this.#loop, descriptor.fd);
  }

  /** It is closed, or about to be. Everybody who waits for it gets a `ClosedError`. */
  discard(descriptor: Descriptor, why: string): void {
    this.forget(descriptor);
    descriptor.close(why);
  }

  /** Hands out the events that the turn is about. */
  dispatch(): void {
    const batch = this.#batch;
    const words = 3 * batch[0]!;
    if (words === 0) return;
    batch[0] = 0;
    // Whoever is told may run Node's loop before it returns (deasync does), which fills the batch anew.
    const events = this.#spare ?? new Uint32Array(batch.length);
    this.#spare = null;
    for (let at = 0; at < words; at += 1) events[at] = batch[at + 1]!;
    for (let at = 0; at < words; at += 3) {
      const descriptor = this.#table[events[at]!];
      if (descriptor !== undefined && descriptor.generation === events[at + 1]) descriptor.ready(events[at + 2]!);
    }
    this.#spare = events;
  }

  /** Tells the loop whether there is anything to wait for. */
  settle(): void {
    const held = this.waiting > 0;
    if (held === this.#held || this.#loop < 0) return;
    this.#held = held;
    native.hold(this.#loop, held);
  }

  keepAlive(keep: boolean): void {
    this.#keepsAlive = keep;
    if (this.#loop >= 0) native.keepAlive(this.#loop, keep);
  }

  /** Nothing is watched from now on. Who waits still, gets a `ClosedError`. */
  close(why: string): void {
    if (this.#loop < 0) return;
    native.closeLoop(this.#loop);
    this.#loop = -1;
    const watched = this.#table.splice(0);
    // A socket keeps its descriptor beyond the hub, and must not find anybody there.
    for (const descriptor of watched) descriptor?.close(why);
  }
}

import { getHub } from '../../hub/registry';
import { type Timer } from '../../hub/timer_queue';
import { type Socket } from '../../net/socket';
import { type BlockingOptions } from '../../park';
import { native } from '../../realm';
import { EAGAIN } from '../../system_error';
import { type Waiter, type WaitQueue } from '../../wait_queue';
import { completeBit, begunBit, found, headBit, methodOf, rejectedBit } from '../parser';
import { Exchange } from './exchange';
import { refusal } from './refusal';
import { type ServerCore } from './server_core';
import { type Wire, wireOf } from './wire';

/**
 * Where a connection stands:
 * - `new`: nothing has come yet; `idle`: nothing has come since the last request; `head`: a part of a request's head
 * - `busy`: a request is being handled
 * - `draining`: the request was answered, but its body has not come to its end
 * - `lingering`: nothing more will be sent; what still comes is thrown away, else the client's system would throw away
 *   what it has received from us
 * - `taken`: it is somebody else's; `closed`
 */
export type Phase = 'new' | 'idle' | 'head' | 'busy' | 'draining' | 'lingering' | 'taken' | 'closed';

/** How long an ended connection waits for the client's own end; milliseconds. */
const lingerTimeout = 2000;

/** How much of a body that nobody has read is read over, so that the connection may go on; bytes. */
const mostDrained = 262_144;

/** How much may be held while nobody asks for it; bytes. */
const mostHeld = 65_536;

/** So many reads in a row; then others have their turn. */
const mostReads = 16;

/**
 * A client's connection. Between requests it waits in the hub by itself, as a waiter for its descriptor, and has no green
 * thread; a request that has come is handed to one.
 */
export class Connection implements Waiter {
  queue: WaitQueue | null = null;
  before: Waiter | null = null;
  after: Waiter | null = null;
  carries: unknown = undefined;

  phase: Phase = 'new';
  /** The number of its parser; -1 once closed or taken. */
  parser: number;
  /** The parser's state after its last call. */
  state = 0;
  /** How to answer a request that it has rejected. */
  status = 0;
  exchange: Exchange | null = null;
  readonly wire: Wire;
  #deadline = Infinity;
  #timer: Timer | null = null;
  #watching = false;
  /** The client has ended its side: it may wait for its answers still. */
  #ended = false;
  #reading = false;
  #stepping = false;
  #drained = 0;
  #pending = 0;
  /** What is known of the present request's head. */
  #flags = 0;

  constructor(
    readonly server: ServerCore,
    readonly socket: Socket,
  ) {
    const { maxUrlSize, maxHeaderSize, maxHeaders, maxBodySize } = server.settings;
    this.wire = wireOf(socket);
    this.parser = native.httpOpen(maxUrlSize, maxHeaderSize, maxHeaders, maxBodySize);
  }

  /** It has just been accepted. */
  start(): void {
    this.#expire(this.server.settings.headerTimeout);
    this.#await();
  }

  describe(): string {
    return `an HTTP connection (${this.phase})`;
  }

  get encrypted(): boolean {
    return !this.wire.direct && 'getPeerCertificate' in this.socket;
  }

  // --- waiting ------------------------------------------------------------------------------------------------------

  #await(): void {
    if (this.queue !== null) return;
    // A stream tells of what is new only.
    if (!this.wire.direct && this.wire.ready) this.#stepLater();
    else this.wire.join(this);
  }

  #stepLater(): void {
    if (this.#stepping) return;
    this.#stepping = true;
    this.server.runStep(() => {
      this.#stepping = false;
      this.#step();
    });
  }

  /** Nobody is told any more when something comes. */
  #leave(): void {
    this.queue?.remove(this);
  }

  /** Something has come: the hub says so, on Node's own stack. */
  wake(): boolean {
    if (this.wire.direct) this.#step();
    else this.#stepLater();
    return true;
  }

  /** The descriptor was closed, or the hub is. */
  wakeWithError(_error: unknown): boolean {
    if (this.phase !== 'taken') this.close();
    return true;
  }

  #step(): void {
    switch (this.phase) {
      case 'new':
      case 'idle':
      case 'head':
        this.#pump();
        break;
      case 'busy':
        this.#peek();
        break;
      case 'draining':
        this.#drain();
        break;
      case 'lingering':
        this.#discard();
        break;
      default:
    }
  }

  /** After `ms`, unless another call comes first, the phase has taken too long. */
  #expire(ms: number): void {
    if (ms === Infinity) {
      this.#deadline = Infinity;
      return;
    }
    this.#deadline = getHub().time() + ms;
    // One timer serves many deadlines: it looks at the present one when it fires.
    if (this.#timer !== null && this.#timer.deadline <= this.#deadline) return;
    this.#timer?.cancel();
    this.#timer = getHub().startTimer(ms, this.#timerFired);
  }

  readonly #timerFired = (): void => {
    this.#timer = null;
    if (this.#deadline === Infinity) return;
    const left = this.#deadline - getHub().time();
    if (left > 0) this.#timer = getHub().startTimer(left, this.#timerFired);
    else this.#expired();
  };

  #expired(): void {
    this.#deadline = Infinity;
    switch (this.phase) {
      case 'head':
        this.server.counters.timedOut += 1;
        this.#refuse(408, 'The request took too long');
        break;
      case 'busy':
        this.exchange?.expired();
        break;
      case 'draining':
        this.end();
        break;
      default:
        this.close();
    }
  }

  // What the parser has found belongs to its last call, whoever has made that: it is kept before anybody else can parse.
  #note(): void {
    this.state = found.state;
    this.status = found.status;
    this.#flags = found.flags;
  }

  // --- a request comes in -------------------------------------------------------------------------------------------

  #pump(): void {
    for (let reads = 0; ; reads += 1) {
      const got = this.wire.receive(this.parser);
      if (typeof got === 'string') {
        this.#begin(got);
        return;
      }
      if (got === EAGAIN) break;
      if (got <= 0) {
        this.close();
        return;
      }
      this.#note();
      if ((this.state & rejectedBit) !== 0) {
        this.#refuse(this.status, native.httpReason(this.parser));
        return;
      }
      if (this.phase === 'idle') this.#expire(this.server.settings.headerTimeout);
      this.phase = 'head';
      if (!this.wire.ready || reads === mostReads) break;
    }
    this.#await();
  }

  #begin(head: string): void {
    const { flags, urlSize } = found;
    this.#pending = found.pending;
    this.#note();
    this.phase = 'busy';
    if ((this.state & rejectedBit) !== 0) {
      this.#refuse(this.status, native.httpReason(this.parser));
      return;
    }
    this.#expire(Infinity);
    this.exchange = new Exchange(this, head, flags, urlSize);
    this.server.dispatch(this.exchange);
    if (this.server.settings.killOnDisconnect) this.watch();
  }

  // The request cannot be understood, or not be accepted: nothing that comes behind it can be trusted.
  #refuse(status: number, reason: string): void {
    this.phase = 'lingering';
    this.#expire(lingerTimeout);
    this.server.refused(this, status);
    const send = (): void => {
      if (this.phase !== 'lingering') return;
      const answer = refusal(status, reason, methodOf(this.#flags) === 'HEAD');
      try {
        if (this.wire.direct) native.send(this.wire.fd, answer, 0);
        else this.socket.sendAll(answer, { timeout: lingerTimeout });
      } catch {
        // It is as good as closed.
      }
      this.end();
    };
    if (this.wire.direct || getHub().current !== null) send();
    else this.server.runStep(send);
  }

  // --- a request is being handled -----------------------------------------------------------------------------------

  /** The request's handler begins. */
  handled(): void {
    const { handlerTimeout } = this.server.settings;
    if (handlerTimeout !== Infinity) this.#expire(handlerTimeout);
  }

  /** Tells the request's exchange when the client goes away. */
  watch(): void {
    if (this.#watching || this.phase !== 'busy') return;
    this.#watching = true;
    if (this.#canReceive()) this.#peek();
    else this.#await();
  }

  #peek(): void {
    if (this.#reading || !this.#watching) return;
    if (this.#ended) {
      this.#tellEnd();
      return;
    }
    for (let reads = 0; reads < mostReads && this.#canReceive(); reads += 1) {
      if (this.#pending > mostHeld || native.httpBodySize(this.parser) > mostHeld) {
        this.#watching = false; // whoever sends so much has not gone away
        return;
      }
      const got = this.wire.receive(this.parser);
      if (got === EAGAIN) break;
      // Half a request will never be a whole one.
      if (typeof got === 'number' && (got < 0 || (got === 0 && (this.state & completeBit) === 0))) {
        this.#watching = false;
        this.exchange?.clientGone();
        return;
      }
      if (got === 0) {
        this.#ended = true;
        this.#tellEnd();
        return;
      }
      this.#note();
      this.#pending = found.pending;
    }
    this.#await();
  }

  // Whoever has ended its side may break the connection yet, which is an event of the descriptor.
  #tellEnd(): void {
    if (this.wire.broken()) {
      this.#watching = false;
      this.exchange?.clientGone();
      return;
    }
    this.exchange?.clientEnded();
    if (this.wire.direct && this.#watching) this.#await();
  }

  /** Receives more of the request's body, on the green thread that handles it. False: the client has gone. */
  receive(options: BlockingOptions | undefined): boolean {
    this.#leave();
    this.#reading = true;
    try {
      const got = this.wire.receiveBlocking(this.parser, options);
      if (typeof got === 'number' && got <= 0) return false;
      this.#note();
      return true;
    } finally {
      this.#reading = false;
      if (this.#watching && this.phase === 'busy') this.#await();
    }
  }

  // --- a request has been answered ----------------------------------------------------------------------------------

  /** The exchange is over. `keep`: the connection may go on. */
  finish(keep: boolean): void {
    this.exchange = null;
    this.#watching = false;
    this.#leave();
    if (this.phase !== 'busy') return;
    if (!keep || (this.state & rejectedBit) !== 0) {
      this.end();
    } else if ((this.state & completeBit) === 0) {
      this.phase = 'draining';
      this.#drained = 0;
      this.#expire(this.server.settings.bodyTimeout);
      this.#drain();
    } else {
      this.#next();
    }
  }

  #drain(): void {
    for (;;) {
      this.#drained += native.httpBodySize(this.parser);
      native.httpDropBody(this.parser);
      if ((this.state & completeBit) !== 0) {
        this.#next();
        return;
      }
      if ((this.state & rejectedBit) !== 0 || this.#drained > mostDrained) {
        this.end();
        return;
      }
      if (!this.#canReceive()) break;
      const got = this.wire.receive(this.parser);
      if (got === EAGAIN) break;
      if (typeof got === 'number' && got <= 0) {
        this.close();
        return;
      }
      this.#note();
    }
    this.#await();
  }

  #canReceive(): boolean {
    return this.wire.ready && (this.wire.direct || getHub().current !== null);
  }

  #next(): void {
    const got = native.httpNext(this.parser);
    this.#note();
    if (typeof got === 'string') {
      this.#begin(got);
      return;
    }
    if ((this.state & rejectedBit) !== 0) {
      this.#refuse(this.status, native.httpReason(this.parser));
      return;
    }
    const begun = (this.state & begunBit) !== 0;
    this.phase = begun ? 'head' : 'idle';
    if (!begun && this.server.closing) {
      this.end();
      return;
    }
    this.#expire(begun ? this.server.settings.headerTimeout : this.server.settings.idleTimeout);
    if (this.#canReceive()) this.#pump();
    else this.#await();
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** The server closes: what waits for a request has none. */
  closeIfIdle(): void {
    if (this.phase === 'idle' || this.phase === 'new') this.end();
  }

  /** Closes the connection so that what has been sent arrives. */
  end(): void {
    this.#leave();
    const quiet = (this.state & (completeBit | headBit)) === 0 && (this.state & (begunBit | rejectedBit)) === 0;
    if (!this.wire.direct || (quiet && !this.wire.ready)) {
      this.close();
      return;
    }
    this.phase = 'lingering';
    if (native.shutdownSocket(this.wire.fd, false, true) < 0) {
      this.close();
      return;
    }
    this.#expire(lingerTimeout);
    this.#discard();
  }

  #discard(): void {
    for (let reads = 0; reads < 64; reads += 1) {
      const got = native.httpDiscard(this.wire.fd);
      if (got === EAGAIN) {
        this.#await();
        return;
      }
      if (got <= 0) break;
    }
    this.close();
  }

  /** Closes it at once. `reset`: breaks it, so that the client knows that it has not got all. */
  close(reset = false): void {
    if (this.phase === 'closed') return;
    const taken = this.phase === 'taken';
    this.#release();
    this.phase = 'closed';
    if (taken) return;
    this.socket.close({ reset });
    this.server.closed(this);
  }

  #release(): void {
    this.#leave();
    this.#watching = false;
    this.#deadline = Infinity;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.parser >= 0) native.httpRelease(this.parser);
    this.parser = -1;
  }

  /** Hands the connection over; what has come behind the request is its beginning. */
  take(): Buffer {
    const head = native.httpTakePending(this.parser);
    this.#release();
    this.phase = 'taken';
    return head;
  }
}

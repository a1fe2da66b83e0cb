// The rules of a queue and of those who use it, in the plainest way: one list of items, of which the first few are promised
// to getters that were woken and have not run yet.

export type Step =
  | { do: 'put' | 'get'; timeout?: number | undefined; signal?: boolean | undefined }
  | { do: 'putNowait' | 'getNowait' | 'close' | 'closeImmediate' }
  | { do: 'resize'; size: number | undefined }
  | { do: 'kill' | 'abort'; whom: number };

export interface Actor {
  id: number;
  script: Step[];
  at: number;
  state: 'new' | 'ready' | 'blocked' | 'dead';
  killed: boolean;
  aborted: boolean;
  /** What it waits for, or was woken from. */
  wait: { step: Step; item: string; outcome: string | null; deadline: number; order: number; signal: boolean } | null;
}

const capacityOf = (size: number | undefined): number => size ?? Infinity;

export class QueueModel {
  readonly log: string[] = [];
  readonly actors: Actor[] = [];
  readonly #line: string[] = [];
  #promised = 0;
  #getters: Actor[] = [];
  #putters: Actor[] = [];
  #ready: Actor[] = [];
  #capacity: number;
  #closed = false;
  #dropped = false;
  #now = 0;
  #order = 0;
  unfinished = 0;

  constructor(size: number | undefined) {
    this.#capacity = capacityOf(size);
  }

  get state(): Record<string, unknown> {
    return {
      size: this.#free,
      getting: this.#getters.length,
      putting: this.#putters.length,
      handedOver: this.#promised,
      unfinishedTasks: this.unfinished,
      closed: this.#closed,
    };
  }

  get #free(): number {
    return this.#line.length - this.#promised;
  }

  spawn(script: Step[]): void {
    const id = this.actors.length;
    const actor: Actor = { id, script, at: 0, state: 'new', killed: false, aborted: false, wait: null };
    this.actors.push(actor);
    this.#ready.push(actor);
  }

  /** A step of plain code. */
  plain(step: Step, item: string): void {
    this.#act(null, step, item);
  }

  turn(ms: number): void {
    this.#now += ms;
    const due = this.actors
      .filter((actor) => actor.state === 'blocked' && actor.wait!.deadline <= this.#now)
      .sort((a, b) => a.wait!.deadline - b.wait!.deadline || a.wait!.order - b.wait!.order);
    for (const actor of due) this.#wake(actor, 'timeout');
    for (let actor = this.#ready.shift(); actor !== undefined; actor = this.#ready.shift()) this.#run(actor);
  }

  #run(actor: Actor): void {
    if (actor.state === 'new' && actor.killed) {
      actor.state = 'dead';
      return;
    }
    if (actor.wait !== null) this.#resume(actor);
    actor.state = actor.state === 'dead' ? 'dead' : 'ready';
    while (actor.state === 'ready' && actor.at < actor.script.length) {
      const step = actor.script[actor.at]!;
      actor.at += 1;
      this.#act(actor, step, `${actor.id}.${actor.at}`);
    }
    if (actor.state === 'ready') actor.state = 'dead';
  }

  #resume(actor: Actor): void {
    const { step, item, outcome } = actor.wait!;
    actor.wait = null;
    actor.state = 'ready';
    // What was accepted has been put, and an error that is on its way comes first: the kill meets it when it waits again.
    const killed = actor.killed && !['accepted', 'timeout', 'aborted'].includes(outcome!);
    if (outcome === 'granted') {
      this.#promised -= 1;
      if (killed) {
        if (this.#dropped) {
          this.unfinished -= 1;
          // which of the promised ones is dropped does not matter for those that are left: they keep their order
          this.#line.pop();
        } else this.#serve();
      } else this.#note(actor, step, `got ${this.#line.shift()}`);
      this.#tellEnd();
    } else if (!killed) this.#note(actor, step, outcome === 'accepted' ? `has put ${item}` : outcome!);
    if (killed) this.#die(actor);
  }

  #die(actor: Actor): void {
    actor.state = 'dead';
    this.log.push(`${actor.id}: killed`);
  }

  #note(actor: Actor | null, step: Step, what: string): void {
    this.log.push(`${actor?.id ?? 'plain'}: ${step.do}: ${what}`);
  }

  #act(actor: Actor | null, step: Step, item: string): void {
    switch (step.do) {
      case 'put':
        if (step.signal === true && actor!.aborted) this.#note(actor, step, 'aborted');
        else if (this.#closed) this.#note(actor, step, 'closed');
        else if (this.#offer(item)) this.#note(actor, step, `has put ${item}`);
        else this.#block(actor!, step, item, this.#putters);
        return;
      case 'get':
        if (step.signal === true && actor!.aborted) this.#note(actor, step, 'aborted');
        else if (this.#available) this.#note(actor, step, `got ${this.#take()}`);
        else if (this.#ended) this.#note(actor, step, 'closed');
        else this.#block(actor!, step, item, this.#getters);
        return;
      case 'putNowait':
        if (this.#closed) this.#note(actor, step, 'closed');
        else this.#note(actor, step, this.#offer(item) ? `has put ${item}` : 'full');
        return;
      case 'getNowait':
        if (this.#available) this.#note(actor, step, `got ${this.#take()}`);
        else this.#note(actor, step, this.#ended ? 'closed' : 'empty');
        return;
      case 'resize':
        this.#capacity = capacityOf(step.size);
        this.#admit();
        return;
      case 'close':
      case 'closeImmediate':
        this.#closed = true;
        for (const putter of this.#putters.splice(0)) this.#wake(putter, 'closed');
        if (step.do === 'closeImmediate') {
          this.#dropped = true;
          this.unfinished -= this.#free;
          this.#line.length = this.#promised;
        }
        this.#tellEnd();
        return;
      case 'kill': {
        const whom = this.actors[step.whom];
        if (whom === undefined || whom === actor || whom.state === 'dead' || whom.killed) return;
        whom.killed = true;
        if (whom.state === 'blocked') this.#wake(whom, 'killed');
        return;
      }
      case 'abort': {
        const whom = this.actors[step.whom];
        if (whom === undefined || whom.aborted) return;
        whom.aborted = true;
        if (whom.state === 'blocked' && whom.wait!.signal) this.#wake(whom, 'aborted');
        return;
      }
    }
  }

  get #available(): boolean {
    return this.#free > 0 || this.#putters.length > 0;
  }

  get #ended(): boolean {
    return this.#closed && this.#line.length === 0;
  }

  #offer(item: string): boolean {
    if (this.#free >= this.#capacity && this.#getters.length === 0) return false;
    this.#line.push(item);
    this.unfinished += 1;
    this.#serve();
    return true;
  }

  #take(): string {
    if (this.#free > 0) {
      const [item] = this.#line.splice(this.#promised, 1);
      this.#admit();
      return item!;
    }
    const putter = this.#putters[0]!;
    this.unfinished += 1;
    this.#wake(putter, 'accepted');
    return putter.wait!.item;
  }

  #admit(): void {
    while (this.#putters.length > 0 && this.#free < this.#capacity) {
      const putter = this.#putters[0]!;
      this.#line.push(putter.wait!.item);
      this.unfinished += 1;
      this.#wake(putter, 'accepted');
    }
  }

  #serve(): void {
    while (this.#getters.length > 0 && this.#free > 0) {
      this.#promised += 1;
      this.#wake(this.#getters[0]!, 'granted');
    }
  }

  #tellEnd(): void {
    if (!this.#ended) return;
    while (this.#getters.length > 0) this.#wake(this.#getters[0]!, 'closed');
  }

  #block(actor: Actor, step: Step & { do: 'put' | 'get' }, item: string, queue: Actor[]): void {
    if (actor.killed) {
      this.#die(actor);
      return;
    }
    this.#order += 1;
    const deadline = this.#now + (step.timeout ?? Infinity);
    actor.wait = { step, item, outcome: null, deadline, order: this.#order, signal: step.signal === true };
    actor.state = 'blocked';
    queue.push(actor);
  }

  #wake(actor: Actor, outcome: string): void {
    actor.wait!.outcome = outcome;
    actor.state = 'ready';
    this.#getters = this.#getters.filter((other) => other !== actor);
    this.#putters = this.#putters.filter((other) => other !== actor);
    this.#ready.push(actor);
  }
}

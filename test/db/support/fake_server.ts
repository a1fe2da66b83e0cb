// A database server in this process, and its clients: every connection is counted, and may fail, hang and break.
import { EventEmitter } from 'node:events';
import { sleep } from 'verdant';

export class FakeServer {
  /** Connections open now, and the most there ever were. */
  open = 0;
  most = 0;
  opened = 0;
  /** What the next connects do. */
  refuse: Error[] = [];
  connectMs = 0;
  closeMs = 0;
  readonly log: string[] = [];

  /** Opens a connection as promise drivers do; times are those of verdant's clock. */
  connect = (): FakeClient => {
    if (this.connectMs > 0) sleep(this.connectMs);
    const error = this.refuse.shift();
    if (error !== undefined) throw error;
    this.opened += 1;
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    return new FakeClient(this, this.opened);
  };
}

export class FakeClient extends EventEmitter {
  inTransaction = false;
  users = 0;
  ended = false;

  constructor(
    readonly server: FakeServer,
    readonly number: number,
  ) {
    super();
  }

  /** Takes so many milliseconds. */
  query(text: string, ms = 0): string {
    if (this.ended) throw new Error('query after end');
    if (text === 'BEGIN') this.inTransaction = true;
    if (text === 'COMMIT') this.inTransaction = false;
    if (ms > 0) sleep(ms);
    return `${this.number}: ${text}`;
  }

  async later(text: string): Promise<string> {
    await Promise.resolve();
    return `${this.number}: ${text}`;
  }

  rollback(): void {
    this.server.log.push(`rollback ${this.number}`);
    this.inTransaction = false;
  }

  end(): void {
    if (this.ended) throw new Error('ended twice');
    this.ended = true;
    if (this.server.closeMs > 0) sleep(this.server.closeMs);
    this.server.log.push(`end ${this.number}`);
    this.server.open -= 1;
  }

  /** The server hangs up. */
  breakDown(event = 'error'): void {
    if (event !== 'error' && !this.ended) {
      this.ended = true;
      this.server.open -= 1;
    }
    this.emit(event, new Error('connection lost'));
  }
}

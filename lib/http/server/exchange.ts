import { setMaxListeners } from 'node:events';
import { ClosedError, codeOf, TimeoutError, VerdantError } from '../../errors';
import { type GreenThread } from '../../green_thread';
import { getHub } from '../../hub/registry';
import { perWait } from '../../deadline';
import { type Address } from '../../net/address';
import { type Socket } from '../../net/socket';
import { type BlockingOptions, requireGreen, validateBlockingOptions } from '../../park';
import { native } from '../../realm';
import { systemError } from '../../system_error';
import { pieceBytes } from '../body_source';
import { aborted, badRequest } from '../http_error';
import * as parser from '../parser';
import { found } from '../parser';
import { Request } from '../request';
import { type Connection } from './connection';
import { type Head, statusLine } from './head';
import { Inactivity } from './inactivity';

const nothing = Buffer.alloc(0);
const lineEnd = Buffer.from('\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');
const continueLine = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');

/** Answers from this size on are sent from where they lie, in place of being copied behind their head. */
const largeBody = 65_536;

const methodOfHead = 'HEAD';

/** Who may listen for a timeout. True: somebody does, and has been told. */
export interface HearsTimeout {
  timedOut(): boolean;
}

/** One request and its answer. */
export class Exchange {
  readonly connection: Connection;
  /** What the parser says of the head: see parser.ts. */
  readonly flags: number;
  readonly #head: string;
  readonly #urlSize: number;
  /** When its head had come, by the hub's clock; only kept if somebody asks. */
  readonly since: number;
  readonly #bodyDeadline: number;

  /** Who handles it. */
  thread: GreenThread | null = null;
  /** The status of its answer; 0 before. */
  status = 0;
  /** Bytes of its answer. */
  bytes = 0;
  /** The head of the answer has been handed to the system. */
  headSent = false;
  /** So has all of it. */
  answered = false;
  bodyUsed = false;
  /** The connection belongs to somebody else now. */
  taken = false;
  /** Nobody looks at it any more: the connection has gone on, or is closed. */
  isOver = false;
  /** It has been handed to a green thread. */
  begun = false;
  /** The server was closed before it was answered. */
  cut = false;
  /** The client has gone away, or the connection was broken. */
  gone = false;
  /** The handler was killed since it took too long. */
  timeout: TimeoutError | null = null;
  #keep = true;
  #continued = false;
  #chunked = false;
  #left = -1; // of the length that was announced; -1: none was
  /** The answer has no body, whatever is written. */
  bare = false;
  #controller: AbortController | null = null;
  #request: Request | null = null;
  #trailers: string | null = null;
  #inactivity: Inactivity | null = null;
  /** The handler's two arguments in the shapes of `node:http`, if it has those. */
  incoming: HearsTimeout | null = null;
  outgoing: HearsTimeout | null = null;

  constructor(connection: Connection, head: string, flags: number, urlSize: number) {
    this.connection = connection;
    this.#head = head;
    this.flags = flags;
    this.#urlSize = urlSize;
    const { settings } = connection.server;
    const complete = (connection.state & parser.completeBit) !== 0;
    const wanted = !complete && settings.bodyTimeout !== Infinity;
    this.since = wanted || settings.log !== undefined ? getHub().time() : 0;
    this.#bodyDeadline = wanted ? this.since + settings.bodyTimeout : Infinity;
  }

  // --- what the request says ----------------------------------------------------------------------------------------

  get request(): Request {
    return (this.#request ??= new Request(this));
  }

  get method(): string {
    return parser.methodOf(this.flags);
  }

  get target(): string {
    return this.#head.slice(0, this.#urlSize);
  }

  /** The headers, `name:value` and a line feed each. */
  get headerText(): string {
    return this.#head.slice(this.#urlSize + 1);
  }

  get trailerText(): string {
    if (this.#trailers !== null) return this.#trailers;
    return this.isOver || this.connection.parser < 0 ? '' : native.httpTrailers(this.connection.parser);
  }

  get hasBody(): boolean {
    return (this.flags & parser.hasBody) !== 0;
  }

  get encrypted(): boolean {
    return this.connection.encrypted;
  }

  get remoteAddress(): Address | undefined {
    return this.connection.socket.remoteAddress;
  }

  get localAddress(): Address | undefined {
    return this.connection.socket.localAddress;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      setMaxListeners(0, this.#controller.signal); // a handler may hand it to any number of calls
      if (this.gone) this.#controller.abort(aborted('The client has gone away'));
      else if (!this.isOver && !this.taken) this.connection.watch();
    }
    return this.#controller.signal;
  }

  // --- reading the body ---------------------------------------------------------------------------------------------

  /** All of the body has come. */
  get complete(): boolean {
    return (this.connection.state & parser.completeBit) !== 0;
  }

  #claim(call: string): void {
    if (this.bodyUsed) throw new VerdantError('ERR_VERDANT_HTTP_BODY_USED', `${call}: the body has been read already`);
    this.bodyUsed = true;
    this.#checkReadable(call);
  }

  #checkReadable(call: string): void {
    if (this.gone) throw aborted('The client has gone away');
    if (this.isOver || this.taken) throw new ClosedError(`${call}: the request has been answered`);
  }

  readAll(options: BlockingOptions | undefined): Buffer {
    const call = 'Request.bytes()';
    validateBlockingOptions(options);
    requireGreen(call);
    this.#claim(call);
    if (!this.hasBody) return nothing;
    this.#fill(call, options);
    return native.httpTakeBody(this.connection.parser);
  }

  readText(options: BlockingOptions | undefined): string {
    const call = 'Request.text()';
    validateBlockingOptions(options);
    requireGreen(call);
    this.#claim(call);
    if (!this.hasBody) return '';
    this.#fill(call, options);
    const text = native.httpTakeText(this.connection.parser);
    if (text === undefined) throw badRequest(413, 'The body is longer than text can be');
    return text;
  }

  readJson(options: BlockingOptions | undefined): unknown {
    const text = this.readText(options);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw Object.assign(badRequest(400, `The body is no JSON: ${(error as Error).message}`), { cause: error });
    }
  }

  *chunks(options?: BlockingOptions): Generator<Buffer, void, undefined> {
    this.#claim('Request.body');
    for (let chunk = this.readChunk(options); chunk !== null; chunk = this.readChunk(options)) yield chunk;
  }

  /** The next piece of the body, as soon as there is one; null at the end. */
  readChunk(options: BlockingOptions | undefined): Buffer | null {
    const call = 'Request.body';
    requireGreen(call);
    this.bodyUsed = true;
    this.#checkReadable(call);
    if (!this.hasBody) return null;
    for (;;) {
      if (native.httpBodySize(this.connection.parser) > 0) return native.httpTakeBody(this.connection.parser);
      if (this.complete) return null;
      this.#receive(call, options);
    }
  }

  // Waits until all of the body has come; it gathers in the parser.
  #fill(call: string, options: BlockingOptions | undefined): void {
    const nextOptions = perWait(options);
    while (!this.complete) this.#receive(call, nextOptions());
  }

  #receive(call: string, options: BlockingOptions | undefined): void {
    const { connection } = this;
    this.#checkRejected();
    this.askForBody();
    const left = this.#bodyDeadline === Infinity ? Infinity : this.#bodyDeadline - getHub().time();
    const limited = left < (options?.timeout ?? Infinity);
    if (limited && left <= 0) throw this.#tooSlow();
    let alive: boolean;
    try {
      alive = connection.receive(limited ? { timeout: left, signal: options?.signal } : options);
    } catch (error) {
      if (limited && codeOf(error) === 'ERR_VERDANT_TIMEOUT') throw this.#tooSlow();
      if (connection.phase === 'closed' && codeOf(error) === 'ERR_VERDANT_CLOSED') {
        throw aborted('The connection was closed');
      }
      throw error;
    }
    if (!alive) {
      this.clientGone();
      throw aborted(`${call}: the client went away in the middle of the body`);
    }
    this.#inactivity?.touch();
    this.#checkRejected();
  }

  #checkRejected(): void {
    if ((this.connection.state & parser.rejectedBit) === 0) return;
    const { parser: number, status } = this.connection;
    this.#keep = false;
    throw badRequest(status, native.httpReason(number));
  }

  #tooSlow(): Error {
    this.#keep = false;
    this.connection.server.counters.timedOut += 1;
    return badRequest(408, 'The body took too long');
  }

  /** The client waits to be told that its body is wanted. */
  askForBody(): void {
    if ((this.flags & parser.expectsContinue) === 0 || this.#continued || this.headSent) return;
    this.#continued = true;
    if (native.httpBodySize(this.connection.parser) === 0) this.#sendAll([continueLine]);
  }

  // --- answering ----------------------------------------------------------------------------------------------------

  #beginAnswer(status: number): void {
    if (this.headSent || this.taken) {
      throw new VerdantError('ERR_VERDANT_HTTP_ANSWERED', 'The request has been answered already');
    }
    if (this.gone || this.isOver) throw aborted('The client has gone away');
    this.status = status;
  }

  // Whether the connection can go on behind this answer; what is said of it is kept to.
  #keeps(head: Head): boolean {
    const unasked = (this.flags & parser.expectsContinue) !== 0 && !this.#continued && !this.complete;
    const rejected = (this.connection.state & parser.rejectedBit) !== 0;
    const wanted = (this.flags & (parser.keepAlive | parser.connectAsked)) === parser.keepAlive;
    this.#keep = this.#keep && wanted && !head.close && !unasked && !rejected && !this.connection.server.closing;
    return this.#keep;
  }

  #answerFlags(head: Head): number {
    let flags = head.hasDate ? parser.answerHasDate : 0;
    if (!this.#keeps(head)) flags |= parser.answerClose;
    else if ((this.flags & parser.minorOne) === 0) flags |= parser.answerPersist;
    return flags;
  }

  /** Answers with a body that is at hand. `reason`: empty for the usual phrase. */
  sendFixed(status: number, reason: string, head: Head, body: string | Uint8Array | undefined): void {
    this.#beginAnswer(status);
    const isHead = this.method === methodOfHead;
    const bodiless = status === 204 || status === 304;
    let { text } = head;
    let sent = body;
    let flags = 0;
    if (bodiless || (isHead && body === undefined)) {
      sent = undefined;
      if (head.length >= 0 && status !== 204) text += `Content-Length: ${head.length}\r\n`;
      if (bodiless || head.length >= 0) flags = parser.answerNoLength;
    } else {
      if (head.length >= 0 && head.length !== sizeOf(body)) throw wrongLength(head.length, sizeOf(body));
      if (isHead) flags = parser.answerNoBody;
    }
    flags |= this.#answerFlags(head);
    if (sent !== undefined && sent.length >= largeBody && !isHead) {
      this.#sendLarge(statusLine(status, reason), text, typeof sent === 'string' ? Buffer.from(sent) : sent, flags);
    } else {
      this.#sendAnswer(statusLine(status, reason), text, sent, flags);
    }
    this.answered = true;
  }

  #sendAnswer(line: string, text: string, body: string | Uint8Array | undefined, flags: number): void {
    const rest = native.httpRespond(this.connection.wire.fd, line, text, body, flags);
    this.headSent = true;
    this.#inactivity?.touch();
    this.bytes += found.answerSize;
    if (typeof rest !== 'number') this.#sendAll([rest]);
    else if (rest < 0) throw this.#broken(systemError(rest, 'write'));
  }

  #sendLarge(line: string, text: string, body: Uint8Array, flags: number): void {
    const length = `Content-Length: ${body.byteLength}\r\n`;
    const head = native.httpRespond(-1, line, text + length, undefined, flags | parser.answerNoLength) as Buffer;
    this.headSent = true;
    this.bytes += head.byteLength + body.byteLength;
    this.#sendAll([head, body]);
  }

  #sendAll(chunks: Uint8Array[]): void {
    const timeout = this.connection.server.settings.writeTimeout;
    const began = getHub().time();
    this.#inactivity?.hold(); // `writeTimeout` is for this
    try {
      this.connection.socket.sendAll(chunks, { timeout });
    } catch (error) {
      this.headSent = true; // a part of it, for all we know
      this.#keep = false;
      const ours = codeOf(error) === 'ERR_VERDANT_TIMEOUT' && getHub().time() - began >= timeout;
      // A kill, or another interruption of the handler, goes on as it is.
      if (!ours && codeOf(error) !== 'ERR_VERDANT_CLOSED' && !isSystemError(error)) throw error;
      throw this.#broken(error);
    } finally {
      this.#inactivity?.touch();
    }
  }

  // The connection's own error: the client is gone, or takes nothing.
  #broken(cause: unknown): Error {
    this.clientGone();
    this.connection.close(true);
    return Object.assign(aborted('The client has gone away'), { cause });
  }

  /**
   * Begins an answer whose body comes piece by piece. Without a length it is chunked, or, for HTTP/1.0, ends with the
   * connection.
   */
  startStream(status: number, reason: string, head: Head, first?: Uint8Array): void {
    this.#beginAnswer(status);
    const isHead = this.method === methodOfHead;
    const bodiless = status === 204 || status === 304;
    this.bare = isHead || bodiless;
    let { text } = head;
    let framing = parser.answerNoLength;
    if (head.length >= 0 && status !== 204) {
      text += `Content-Length: ${head.length}\r\n`;
      if (!this.bare) this.#left = head.length;
    } else if (!bodiless) {
      if ((this.flags & parser.minorOne) !== 0) framing = parser.answerChunked;
      else this.#keep = isHead && this.#keep;
    }
    this.#chunked = framing === parser.answerChunked && !this.bare;
    const flags = framing | this.#answerFlags(head);
    if (first === undefined) {
      this.#sendAnswer(statusLine(status, reason), text, undefined, flags);
      return;
    }
    const start = native.httpRespond(-1, statusLine(status, reason), text, undefined, flags) as Buffer;
    const pieces = this.#framed(first);
    this.headSent = true;
    this.bytes += start.byteLength;
    this.#sendAll([start, ...pieces]);
  }

  /** The next piece of the answer. Blocks while the client does not take it. */
  write(piece: unknown): void {
    if (this.answered) throw new VerdantError('ERR_VERDANT_HTTP_ANSWERED', 'The answer is complete already');
    if (this.gone || this.isOver) throw aborted('The client has gone away');
    const pieces = this.#framed(pieceBytes(piece));
    if (pieces.length > 0) this.#sendAll(pieces);
  }

  #framed(bytes: Uint8Array): Uint8Array[] {
    const size = bytes.byteLength;
    if (size === 0 || this.bare) return [];
    if (this.#left >= 0) {
      if (size > this.#left) throw wrongLength(this.#left, size);
      this.#left -= size;
    }
    this.bytes += size;
    return this.#chunked ? [Buffer.from(`${size.toString(16)}\r\n`, 'latin1'), bytes, lineEnd] : [bytes];
  }

  /** The answer is complete. `trailers`: header lines to be sent behind a chunked body. */
  finishStream(trailers = ''): void {
    if (this.answered) return;
    if (this.gone || this.isOver) throw aborted('The client has gone away');
    if (this.#left > 0) throw wrongLength(this.#left, 0);
    if (this.#chunked) {
      this.#sendAll([trailers === '' ? lastChunk : Buffer.from(`0\r\n${trailers}\r\n`, 'latin1')]);
    }
    this.answered = true;
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** The client has ended its side of the connection. Most that do so are gone; some wait for their answer. */
  clientEnded(): void {
    const { allowHalfOpen, killOnDisconnect } = this.connection.server.settings;
    if (allowHalfOpen || this.gone || this.isOver) return;
    if (killOnDisconnect) this.clientGone();
    else this.#controller?.abort(aborted('The client has ended its side of the connection'));
  }

  /** The connection broke, or what has ended counts as that. */
  clientGone(): void {
    if (this.gone || this.isOver) return;
    this.gone = true;
    this.#keep = false;
    this.#inactivity?.stop();
    const reason = aborted('The client has gone away');
    this.#controller?.abort(reason);
    if (!this.begun) {
      this.connection.server.counters.aborted += 1;
      this.over();
    } else if (this.connection.server.settings.killOnDisconnect && !this.answered) this.thread?.killByAbort(reason);
  }

  /** Has `callback` called, once, if the client goes away: `signal` aborts. */
  whenGone(callback: () => void): void {
    this.signal.addEventListener('abort', callback, { once: true });
  }

  /** After `ms` in which nothing was received or sent, those who listen for it are told, or else the connection broken. */
  setTimeout(ms: number): void {
    if (this.gone || this.isOver || this.taken) return;
    this.#inactivity ??= new Inactivity(() => this.connection.server.runStep(() => this.#inactive()));
    this.#inactivity.set(ms);
  }

  // On a green thread of its own, where a listener may answer in place of a handler that is blocked.
  #inactive(): void {
    if (this.gone || this.isOver || this.taken) return;
    try {
      const heard = [this.incoming, this.outgoing].map((one) => one?.timedOut() ?? false);
      if (!heard.includes(true)) this.breakOff();
    } catch (error) {
      this.connection.server.report(error, this);
    }
  }

  /** Hands the connection over. */
  takeOver(): { socket: Socket; head: Buffer } {
    this.#beginAnswer(101);
    this.taken = true;
    this.#inactivity?.stop();
    const head = this.connection.take();
    this.connection.server.taken(this.connection, this);
    return { socket: this.connection.socket, head };
  }

  /** The server closes, and waits no longer. */
  cutOff(): void {
    this.cut = true;
    this.gone = true;
    this.#keep = false;
    if (this.begun) this.thread?.kill();
    else this.over();
  }

  /** The handler has taken too long. */
  expired(): void {
    if (this.timeout !== null || this.isOver) return;
    this.connection.server.counters.timedOut += 1;
    const { handlerTimeout } = this.connection.server.settings;
    this.timeout = new TimeoutError(`The request's handler took more than ${handlerTimeout} ms`);
    this.thread?.killByAbort(this.timeout);
  }

  /** The connection is broken off: the answer, if it has begun, is not complete. */
  breakOff(): void {
    this.#keep = false;
    this.connection.close(true);
  }

  /** Whoever handled the request has ended, in whatever way. */
  over(): void {
    if (this.isOver) return;
    const mayHaveTrailers = (this.flags & parser.chunkedBody) !== 0 && !this.taken && this.connection.parser >= 0;
    if (mayHaveTrailers) this.#trailers = native.httpTrailers(this.connection.parser);
    this.isOver = true;
    this.#inactivity?.stop();
    this.thread = null;
    if (!this.answered && !this.taken) this.breakOff();
    this.connection.server.over(this);
    this.connection.finish(this.#keep && this.answered);
  }
}

function sizeOf(body: string | Uint8Array | undefined): number {
  return body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}

function isSystemError(error: unknown): boolean {
  return typeof (error as { syscall?: unknown } | null | undefined)?.syscall === 'string';
}

function wrongLength(announced: number, actual: number): VerdantError {
  return new VerdantError(
    'ERR_VERDANT_HTTP_CONTENT_LENGTH',
    `The body has another length than its Content-Length says: ${actual} bytes instead of ${announced}`,
  );
}

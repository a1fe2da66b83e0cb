// A client of HTTP that sends whatever bytes it is told, in whatever pieces, and reads answers strictly: what it does not
// understand is an error of the server. It uses Node's sockets, so that it shares no code with what it tests.
const net = require('node:net');
const tls = require('node:tls');

const patience = process.env.VERDANT_TEST_SLOW === undefined ? 8_000 : 60_000;

/** Lets everybody see what has been sent so far. */
async function turns(count = 2) {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const fieldLine =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;

/**
 * The first response in `bytes`, from `offset` on; null when there is more to come.
 * @param ended - no more bytes come
 */
function parseResponse(bytes, offset, method, ended) {
  const headEnd = bytes.indexOf('\r\n\r\n', offset, 'latin1');
  if (headEnd < 0) {
    if (ended && bytes.length > offset) throw new Error(`a response ends in its head: ${show(bytes.subarray(offset))}`);
    return null;
  }
  const [first, ...fields] = bytes.toString('latin1', offset, headEnd).split('\r\n');
  const status = statusLine.exec(first);
  if (status === null) throw new Error(`not a status line: ${show(bytes.subarray(offset))}`);
  const response = { status: Number(status[1]), reason: status[2], rawHeaders: [], headers: Object.create(null) };
  for (const line of fields) {
    const field = fieldLine.exec(line);
    if (field === null) throw new Error(`not a header line: ${JSON.stringify(line)}`);
    const name = field[1].toLowerCase();
    response.rawHeaders.push([field[1], field[2]]);
    response.headers[name] = name in response.headers ? `${response.headers[name]}, ${field[2]}` : field[2];
  }
  const body = bodyOf(bytes, headEnd + 4, response, method, ended);
  if (body === null) return null;
  return { response: { ...response, ...body.found, body: body.found.bytes.toString('latin1') }, next: body.next };
}

function bodyOf(bytes, start, { status, headers }, method, ended) {
  const none = { found: { framing: 'none', bytes: Buffer.alloc(0) }, next: start };
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  if (length !== undefined && coding !== undefined) {
    throw new Error('a response with Content-Length and Transfer-Encoding');
  }
  if (status < 200 || status === 204) {
    if (length !== undefined || coding !== undefined) throw new Error(`a response ${status} with a length`);
    return none;
  }
  if (method === 'HEAD' || status === 304) return none;
  if (coding !== undefined) {
    if (coding !== 'chunked') throw new Error(`a response with Transfer-Encoding ${coding}`);
    return chunksOf(bytes, start, ended);
  }
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) throw new Error(`a response with Content-Length ${length}`);
    const next = start + Number(length);
    if (bytes.length < next) {
      if (ended) throw new Error(`a response with ${bytes.length - start} of ${length} bytes`);
      return null;
    }
    return { found: { framing: 'length', bytes: bytes.subarray(start, next) }, next };
  }
  if (!ended) return null;
  return { found: { framing: 'close', bytes: bytes.subarray(start) }, next: bytes.length };
}

function chunksOf(bytes, start, ended) {
  const pieces = [];
  let at = start;
  const needMore = () => {
    if (ended) throw new Error('a response ends within its chunks');
    return null;
  };
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return needMore();
    const text = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(text)) throw new Error(`not a chunk size: ${JSON.stringify(text)}`);
    const size = parseInt(text, 16);
    at = lineEnd + 2;
    if (size === 0) break;
    if (bytes.length < at + size + 2) return needMore();
    if (bytes.toString('latin1', at + size, at + size + 2) !== '\r\n') throw new Error('no CRLF behind a chunk');
    pieces.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
  const trailers = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return needMore();
    const line = bytes.toString('latin1', at, lineEnd);
    at = lineEnd + 2;
    if (line === '') break;
    trailers.push(line);
  }
  return { found: { framing: 'chunked', bytes: Buffer.concat(pieces), chunks: pieces.length, trailers }, next: at };
}

const show = (bytes) => JSON.stringify(bytes.toString('latin1', 0, 200));

class RawClient {
  /** The server has said that it sends no more. */
  ended = false;
  /** The connection is over; with this error, if one ended it. */
  closed = false;
  error = null;
  #socket;
  #offset = 0;
  #changed = new Set();
  #pieces = [];
  #buffer = Buffer.alloc(0);
  #size = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (piece) => {
      this.#pieces.push(piece);
      this.#tell();
    });
    for (const event of ['connect', 'secureConnect']) socket.on(event, () => this.#tell());
    socket.on('end', () => {
      this.ended = true;
      socket.end(); // the server waits for it
      this.#tell();
    });
    socket.on('error', (error) => (this.error = error));
    socket.on('close', () => {
      this.ended = this.closed = true;
      this.#tell();
    });
  }

  /** @param target - what net.connect takes; with `ca`, what tls.connect takes */
  static async connect(target) {
    const secure = target.ca !== undefined;
    const options = { allowHalfOpen: true, noDelay: true, ...target };
    const socket = secure ? tls.connect(options) : net.connect(options);
    const client = new RawClient(socket);
    await client.#until(
      () => (socket.connecting || (secure && !socket.authorized) ? client.closed : true),
      'connected',
    );
    if (client.error !== null) throw client.error;
    socket.setNoDelay(true);
    return client;
  }

  get localPort() {
    return this.#socket.localPort;
  }

  /** Sends bytes (a string is Latin-1) in one write. */
  write(bytes) {
    if (!this.closed && this.#socket.writable) this.#socket.write(Buffer.from(bytes, 'latin1'), () => {});
  }

  /** Sends pieces, each of which the server can see before the next one comes; ends early when the server has closed. */
  async deliver(pieces, pause = 2) {
    for (const piece of pieces) {
      if (this.ended) return;
      this.write(piece);
      await turns(pause);
    }
  }

  /** Sends no more. */
  end() {
    this.#socket.end();
  }

  /** Goes away at once, as a process that is killed with unread data does. */
  reset() {
    if (this.#socket.resetAndDestroy === undefined) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Goes away at once. */
  destroy() {
    this.#socket.destroy();
  }

  /** Stops and goes on reading. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Waits for the next response. @param method - what it answers; @param final - false: 1xx too */
  async response({ method = 'GET', final = true } = {}) {
    for (;;) {
      let result = null;
      await this.#until(() => {
        result = parseResponse(this.received, this.#offset, method, this.ended);
        return result !== null || this.ended;
      }, 'a response');
      if (result === null) {
        throw Object.assign(new Error(`the connection ended before a response: ${this.error?.code ?? 'in order'}`), {
          code: 'NO_RESPONSE',
        });
      }
      this.#offset = result.next;
      if (!final || result.response.status >= 200) return result.response;
    }
  }

  /** Waits until so many bytes have come that are in no response yet; gives them as Latin-1. */
  async bytes(count) {
    await this.#until(() => this.rest().length >= count || this.ended, `${count} bytes`);
    return this.rest();
  }

  /** What has come behind the last response. */
  rest() {
    return this.received.toString('latin1', this.#offset);
  }

  /** Waits until the server ends the connection, and gives what came behind the last response. */
  async untilEnd() {
    await this.#until(() => this.ended, 'the end of the connection');
    return this.rest();
  }

  /** All responses up to the end. */
  async allResponses(methods = []) {
    await this.untilEnd();
    const all = [];
    for (let index = 0; this.#offset < this.received.length;) {
      const { response, next } = parseResponse(this.received, this.#offset, methods[index] ?? 'GET', true);
      all.push(response);
      this.#offset = next;
      if (response.status >= 200) index += 1;
    }
    return all;
  }

  /** All that came. */
  get received() {
    this.#gather();
    return this.#buffer.subarray(0, this.#size);
  }

  #gather() {
    for (const piece of this.#pieces.splice(0)) {
      if (this.#size + piece.length > this.#buffer.length) {
        this.#buffer = Buffer.concat([this.#buffer], 2 * (this.#size + piece.length));
      }
      this.#size += piece.copy(this.#buffer, this.#size);
    }
  }

  #tell() {
    for (const changed of this.#changed) changed();
  }

  #until(condition, what) {
    return new Promise((resolve, reject) => {
      const look = () => {
        try {
          if (!condition()) return false;
          resolve();
        } catch (error) {
          reject(error);
        }
        clearTimeout(timer);
        this.#changed.delete(look);
        return true;
      };
      const timer = setTimeout(() => {
        this.#changed.delete(look);
        this.destroy();
        reject(new Error(`waited too long for ${what}; there was ${JSON.stringify(this.rest().slice(0, 300))}`));
      }, patience);
      this.#changed.add(look);
      look();
    });
  }
}

module.exports = { RawClient, parseResponse, turns };

// Fuzzes the server's side of HTTP for scripts/fuzz_http.mjs, in batches that follow from their seeds alone:
//   node --expose-gc http_fuzz.cjs parser|sockets <first batch> <milliseconds>
//   node --expose-gc http_fuzz.cjs parser|sockets replay <file with the bytes of one case>
// Each batch is announced before it runs, so that whoever watches knows what a crash or a hang was in. A case that breaks a
// rule is written to standard output as JSON, and ends the process with code 1.
const { readFileSync, readdirSync, writeFileSync, writeSync } = require('node:fs');
const { isDeepStrictEqual, inspect } = require('node:util');
const { random, randomPieces, singleBytes } = require('../http/hostile/support/deliveries.cjs');
const { Record } = require('../http/hostile/support/play.cjs');
const { parseResponse, RawClient, turns } = require('../http/hostile/support/raw_client.cjs');
const mutations = require('./http_mutations.cjs');
const { parse, parseByNode } = require('./http_parse.cjs');

// A crash tells nobody what it was in: with this folder, the last cases lie there.
const journal = process.env.VERDANT_FUZZ_JOURNAL;
let cases = 0;

function mutated(below) {
  const bytes = mutations.mutated(below);
  if (journal !== undefined) writeFileSync(`${journal}/${cases % 64}`, bytes, 'latin1');
  cases += 1;
  return bytes;
}

const say = (what) => writeSync(1, `${JSON.stringify(what)}\n`);

class Broken extends Error {
  constructor(rule, bytes, details) {
    super(rule);
    Object.assign(this, { rule, bytes, details });
  }
}

// --- the parser by itself -----------------------------------------------------------------------------------------------

const casesPerBatch = { parser: 500, sockets: 48 };

function checkParser(bytes, below) {
  const whole = parse([bytes]);
  for (const pieces of [singleBytes(bytes), randomPieces(bytes, below), randomPieces(bytes, below)]) {
    const again = parse(pieces);
    if (!isDeepStrictEqual(again, whole)) {
      throw new Broken('the pieces make a difference', bytes, {
        pieces: pieces.map((piece) => piece.length),
        whole,
        again,
      });
    }
  }
  // What the server takes, Node's strict parser takes as well, and understands in the same way.
  const { requests } = parseByNode(bytes);
  for (const [index, ours] of whole.requests.entries()) {
    const theirs = requests[index];
    const same =
      theirs !== undefined && ours.url === theirs.url && ours.body === theirs.body && sameHeaders(ours, theirs);
    if (!same) throw new Broken('Node’s parser sees another request', bytes, { ours, theirs: theirs ?? null });
    // Node takes them as if they were headers.
    if (ours.upgrade || /^(connection|upgrade|content-length|transfer-encoding):/im.test(ours.trailers)) break;
  }
}

function sameHeaders(ours, theirs) {
  const plain = ({ headers }) => headers.map(([name, value]) => `${name}:${value.trim()}`).join('\n');
  return plain(ours) === plain(theirs);
}

function parserBatch(below) {
  for (let index = 0; index < casesPerBatch.parser; index += 1) {
    const bytes = mutated(below);
    try {
      checkParser(bytes, below);
    } catch (error) {
      throw error instanceof Broken ? error : new Broken(String(error?.stack ?? error), bytes, {});
    }
  }
}

// --- the server over sockets --------------------------------------------------------------------------------------------

const control = 'GET /control HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** The answers to these bytes, read strictly. */
function responsesTo(bytes, received) {
  const { requests, unfinished } = parse([bytes]);
  const methods = [...requests.map(({ method }) => method), unfinished ?? 'GET'];
  const all = [];
  for (let at = 0, answered = 0; at < received.length;) {
    // What is refused in the middle of its head has a method, and nothing but the answer to HEAD comes without its text.
    const headOnly = received.indexOf('\r\n\r\n', at, 'latin1') + 4 === received.length;
    const refused = /^HTTP\/1\.1 [45]/.test(received.toString('latin1', at, at + 10));
    const method = headOnly && refused && bytes.includes('HEAD ') ? 'HEAD' : methods[answered];
    let { response, next } = parseResponse(received, at, method ?? 'GET', true);
    // A HEAD that is refused before it is known to be one gets a text; the connection ends with it.
    if (response.status >= 400 && methods[answered] === 'HEAD' && next < received.length) {
      ({ response, next } = parseResponse(received, at, 'GET', true));
    }
    all.push(response);
    at = next;
    if (response.status >= 200) answered += 1;
  }
  return all;
}

class Servers {
  #hub;
  #fds;
  /** Whether the handler reads bodies. If not, how much of one has come when it answers makes a difference. */
  reads = true;

  constructor() {
    const { serve, Response } = require('verdant/http');
    this.#hub = require('verdant/hub').getHub();
    this.records = new Map();
    this.errors = [];
    this.server = serve(
      '127.0.0.1:0',
      (request) => {
        const record = this.records.get(request.remoteAddress.port);
        if (request.target === '/control') return 'control';
        try {
          const body = this.reads ? request.bytes().toString('latin1') : '';
          record?.handled.push({ method: request.method, url: request.target, body, headers: [...request.headers] });
          return request.target.length % 3 === 0
            ? new Response([Buffer.from('o'), Buffer.from('k')])
            : new Response('ok');
        } catch (error) {
          if (record !== undefined) record.halfHandled += 1;
          throw error;
        }
      },
      {
        maxUrlSize: 500,
        maxHeaders: 20,
        maxHeaderSize: 2000,
        maxBodySize: 1000,
        onError: (error) => void this.errors.push(error),
      },
    );
  }

  get target() {
    return { host: '127.0.0.1', port: this.server.address.port };
  }

  /** Delivers the bytes, then goes; what came back and what the handler got. */
  async exchange(bytes, pieces) {
    const client = await RawClient.connect(this.target);
    const record = new Record();
    const port = client.localPort;
    this.records.set(port, record);
    try {
      await client.deliver(pieces, 2);
      for (let turn = 0; turn < 12 && !client.ended; turn += 1) await turns(1);
      client.end();
      await client.untilEnd();
      const responses = responsesTo(bytes, client.received);
      const { handled } = record;
      return { answers: responses.filter(({ status }) => status >= 200).map(coarse), handled };
    } finally {
      client.destroy();
      this.records.delete(port);
    }
  }

  /** Goes away in the middle. */
  async abort(pieces, below) {
    const client = await RawClient.connect(this.target);
    await client.deliver(pieces.slice(0, 1 + below(pieces.length)), 1);
    if (below(2) === 0) client.reset();
    else client.destroy();
    await client.untilEnd();
  }

  async settle(bytes) {
    for (let turn = 0; this.server.stats().connections > 0; turn += 1) {
      if (turn > 5000) throw new Broken('connections are left', bytes, this.server.stats());
      await turns(1);
    }
    await turns(2);
    const { greenThreads, timers } = this.#hub.stats();
    const fds = readdirSync('/proc/self/fd').length;
    if (greenThreads > 1) throw new Broken(`${greenThreads} green threads are left`, bytes, {});
    if (timers > 0) throw new Broken(`${timers} timers are left`, bytes, {});
    this.#fds ??= fds;
    if (fds > this.#fds + 4) throw new Broken(`${fds} descriptors in place of ${this.#fds}`, bytes, {});
    if (this.errors.length > 0) throw new Broken(`the server reports ${inspect(this.errors[0])}`, bytes, {});
  }

  async control(bytes) {
    const client = await RawClient.connect(this.target);
    client.write(control);
    const [response] = await client.allResponses();
    client.destroy();
    if (response?.body !== 'control') throw new Broken('the server does not answer any more', bytes, { response });
  }
}

// Why a request is refused may depend on how much of it had come when the first reason was seen.
const coarse = ({ status }) => (status >= 400 ? 400 : status);

async function checkSockets(servers, bytes, below) {
  const sent = bytes + control;
  const whole = await servers.exchange(sent, [sent]);
  for (const pieces of [randomPieces(sent, below), ...(below(8) === 0 ? [singleBytes(sent)] : [])]) {
    const again = await servers.exchange(sent, pieces);
    if (servers.reads && !isDeepStrictEqual(again, whole)) {
      throw new Broken('the pieces make a difference', bytes, {
        pieces: pieces.map(({ length }) => length),
        whole,
        again,
      });
    }
  }
  if (below(4) === 0) await servers.abort(randomPieces(sent, below), below);
}

async function socketsBatch(servers, below) {
  const batch = Array.from({ length: casesPerBatch.sockets }, () => ({ bytes: mutated(below), seed: below(2 ** 31) }));
  // A few at a time: they get in each other's way, as they should.
  for (let from = 0; from < batch.length; from += 8) {
    await Promise.all(
      batch.slice(from, from + 8).map(({ bytes, seed }) =>
        checkSockets(servers, bytes, random(seed)).catch((error) => {
          throw error instanceof Broken ? error : new Broken(String(error?.stack ?? error), bytes, {});
        }),
      ),
    );
  }
  await servers.settle('');
  await servers.control('');
  await servers.settle('');
}

// ------------------------------------------------------------------------------------------------------------------------

async function fuzz(mode, first, milliseconds) {
  const servers = mode === 'sockets' ? new Servers() : null;
  const end = performance.now() + milliseconds;
  let batch = first;
  for (; batch === first || performance.now() < end; batch += 1) {
    say({ batch });
    const below = random(batch);
    if (servers === null) parserBatch(below);
    else {
      servers.reads = batch % 4 !== 0;
      await socketsBatch(servers, below);
    }
    if (batch % 50 === 0) globalThis.gc();
  }
  await servers?.server.closeAsync();
  say({ done: batch - first, cases: (batch - first) * casesPerBatch[mode] });
}

async function replay(mode, file) {
  const bytes = readFileSync(file, 'latin1');
  const servers = mode === 'sockets' ? new Servers() : null;
  for (let seed = 0; seed < 20; seed += 1) {
    if (servers === null) checkParser(bytes, random(seed));
    else await checkSockets(servers, bytes, random(seed));
    await servers?.settle(bytes);
  }
  await servers?.control(bytes);
  await servers?.settle(bytes);
  await servers?.server.closeAsync();
  say({ done: 1 });
}

async function main([mode, what, argument]) {
  try {
    if (what === 'replay') await replay(mode, argument);
    else await fuzz(mode, Number(what), Number(argument));
  } catch (error) {
    say({
      broken: error.rule ?? String(error?.stack ?? error),
      bytes: error.bytes ?? '',
      details: error.details ?? null,
    });
    process.exit(1);
  }
}

void main(process.argv.slice(2));

// What the server's parser, and Node's own, make of the same bytes: for http_fuzz.cjs.
const {
  requireParser,
  found,
  headBit,
  completeBit,
  rejectedBit,
  methodOf,
  upgradeAsked,
  connectAsked,
  keepAlive,
} = require('../../dist/http/parser.js');
const { native } = require('../../dist/realm.js');

requireParser();

const limits = [500, 2000, 20, 1000];

const fieldsOf = (text) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);

/** The requests that the server would see, and how it ends: `waits` for more, `closes` as the client wants it, or `refused`. */
function parse(pieces) {
  const parser = native.httpOpen(...limits);
  const requests = [];
  let present = { body: '' };
  const look = (got) => {
    for (;;) {
      if (typeof got === 'string') {
        const { flags, urlSize } = found;
        present.method = methodOf(flags);
        present.url = got.slice(0, urlSize);
        present.headers = fieldsOf(got.slice(urlSize + 1));
        present.last = (flags & keepAlive) === 0;
        present.upgrade = (flags & (upgradeAsked | connectAsked)) !== 0;
      }
      const { state } = found;
      if ((state & rejectedBit) !== 0) {
        if (native.httpReason(parser) === '') throw new Error('a refusal without a reason');
        const { status } = found;
        if (![400, 413, 414, 417, 431, 501, 505].includes(status)) throw new Error(`a refusal with status ${status}`);
        return 'refused';
      }
      present.body += native.httpTakeBody(parser).toString('latin1');
      if ((state & completeBit) === 0) return 'waits';
      if ((state & headBit) === 0) throw new Error('complete without a head');
      requests.push({ ...present, trailers: native.httpTrailers(parser) });
      if (present.last) return 'closes';
      present = { body: '' };
      got = native.httpNext(parser);
    }
  };
  let end = 'waits';
  for (const piece of pieces) {
    end = look(native.httpFeed(parser, Buffer.from(piece, 'latin1')));
    if (end !== 'waits') break;
  }
  native.httpRelease(parser);
  return { requests, end, unfinished: end === 'closes' ? undefined : present.method };
}

let HTTPParser;

/** The same by the parser of node:http, in its strict mode; up to the first upgrade. */
function parseByNode(bytes) {
  if (HTTPParser === undefined) {
    const { emitWarning } = process;
    process.emitWarning = () => {};
    ({ HTTPParser } = require('_http_common'));
    process.emitWarning = emitWarning;
  }
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {}, 1 << 20, 0);
  const requests = [];
  let present = null;
  let [early, earlyUrl] = [[], ''];
  parser[HTTPParser.kOnHeaders | 0] = (headers, url) => {
    early.push(...headers);
    earlyUrl += url;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, headers, _method, url, _code, _message, upgrade) => {
    const all = [...early, ...(headers ?? [])];
    early = [];
    present = { url: url ?? earlyUrl, headers: [], body: '', upgrade };
    for (let at = 0; at < all.length; at += 2) present.headers.push([all[at], all[at + 1]]);
    return 0;
  };
  parser[HTTPParser.kOnBody | 0] = (piece) => {
    present.body += piece.toString('latin1');
  };
  parser[HTTPParser.kOnMessageComplete | 0] = () => {
    requests.push(present);
    [early, earlyUrl] = [[], ''];
    present = null;
  };
  const outcome = parser.execute(Buffer.from(bytes, 'latin1'));
  parser.free?.();
  return { requests, failed: outcome instanceof Error };
}

module.exports = { parse, parseByNode };

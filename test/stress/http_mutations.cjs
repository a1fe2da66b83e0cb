// Requests that are almost right: valid ones and those of the corpus, with what matters to HTTP moved, doubled, left out.
const corpus = require('../http/hostile/corpus/index.cjs');
const { smuggled } = require('../http/hostile/corpus/entry.cjs');

const longest = 6_000;

const valid = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /path?query=1 HTTP/1.1\r\nHost: a.test:80\r\nAccept: */*\r\nConnection: keep-alive\r\nX-Empty:\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello, world',
  'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
  'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\nX-Sum: 1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
];

const seeds = [
  ...valid,
  ...Object.values(corpus)
    .flat()
    .map(({ bytes }) => (typeof bytes === 'function' ? bytes() : bytes))
    .filter((bytes) => bytes.length < 3_000),
];

const words = [
  ...['\r\n', '\n', '\r', '\r\n\r\n', '\n\n', ' ', '\t', '\0', '\x0b', '\x7f', '\x80', '\xff', ':', ';', ',', '"', '='],
  ...[
    '0',
    '1',
    '5',
    'a',
    'f',
    '-1',
    '+5',
    '0x5',
    '00',
    'ffffffff',
    '7fffffffffffffff',
    'ffffffffffffffff',
    '10000000000000005',
  ],
  ...['4294967301', '18446744073709551621', '9007199254740993', '100', '16', '9'.repeat(30)],
  ...[
    'GET',
    'POST',
    'HEAD',
    'CONNECT',
    'PRI',
    'SOURCE',
    '/',
    '*',
    '?',
    '#',
    '//',
    'http://',
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/2.0',
  ],
  ...[
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Expect',
    'Upgrade',
    'Trailer',
    'TE',
    'Proxy-Connection',
  ],
  ...['chunked', 'identity', 'gzip', 'close', 'keep-alive', 'upgrade', '100-continue', 'websocket', 'h2c', '__proto__'],
  'x'.repeat(300),
  'x: y\r\n'.repeat(30),
];

const lines = [
  'Content-Length: 5',
  'Content-Length: 0',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Connection: close',
  'Connection: keep-alive',
  'Expect: 100-continue',
  'Host: b',
  'Upgrade: websocket',
  'Connection: upgrade',
  ' folded: yes',
  '0',
  '5',
  '5;a=b',
  '',
  'X-Long: ' + 'v'.repeat(500),
];

/** Some bytes, by the dice. @param below - whole numbers below a bound */
function mutated(below) {
  const one = (list) => list[below(list.length)];
  let bytes = one(below(3) === 0 ? valid : seeds);
  // Several requests, one behind the other.
  while (below(4) === 0 && bytes.length < longest) bytes += one(below(2) === 0 ? valid : seeds);
  for (let rounds = below(5); rounds > 0; rounds -= 1) bytes = one(mutations)(bytes, below, one);
  return bytes.slice(0, longest);
}

const tokens = (bytes) => bytes.match(/\r\n|[A-Za-z0-9\-_./]+|[^]/g) ?? [];

function spliced(list, below, amount, ...inserted) {
  const copy = [...list];
  copy.splice(below(copy.length + 1), amount, ...inserted);
  return copy;
}

const mutations = [
  (bytes, below, one) => spliced(tokens(bytes), below, 0, one(words)).join(''),
  (bytes, below, one) => spliced(tokens(bytes), below, 1, one(words)).join(''),
  (bytes, below) => spliced(tokens(bytes), below, 1).join(''),
  (bytes, below) => {
    const all = tokens(bytes);
    return spliced(all, below, 0, all[below(Math.max(1, all.length))] ?? '').join('');
  },
  (bytes, below, one) => spliced(bytes.split('\r\n'), below, 0, one(lines)).join('\r\n'),
  (bytes, below) => spliced(bytes.split('\r\n'), below, 1).join('\r\n'),
  (bytes, below) => {
    const all = bytes.split('\r\n');
    return spliced(all, below, 0, all[below(all.length)]).join('\r\n');
  },
  (bytes, below) => {
    const at = below(Math.max(1, bytes.length));
    return bytes.slice(0, at) + String.fromCharCode(below(256)) + bytes.slice(at + 1);
  },
  (bytes, below) => {
    const at = below(Math.max(1, bytes.length));
    return (
      bytes.slice(0, at) + String.fromCharCode((bytes.charCodeAt(at) || 0) ^ (1 << below(8))) + bytes.slice(at + 1)
    );
  },
  (bytes, below) => bytes.slice(0, below(bytes.length + 1)),
  (bytes, below) => bytes.slice(below(bytes.length + 1)),
  (bytes, below, one) => bytes.slice(0, below(bytes.length + 1)) + one(seeds).slice(below(40)),
  (bytes) => bytes + smuggled,
  (bytes) => bytes.replace(/\r\n/g, '\n'),
  (bytes, below) => bytes.replace(/[A-Z]/g, (letter) => (below(4) === 0 ? letter.toLowerCase() : letter)),
];

module.exports = { mutated };

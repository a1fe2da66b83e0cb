// Trailers: fields behind the last chunk, which never get among the headers.
const { accepted, bodyRefused, either, post, smuggled } = require('./entry.cjs');
const limits = require('./limits.cjs');

const apart = '9110 §6.5.1 and 9112 §7.1.2: trailers are not merged into the headers unless that is known to be safe';
const framing = '9110 §6.5.1: a sender puts no framing, routing or authentication there; a recipient never acts on it';
const syntax = '9112 §7.1.2 and §5: trailers have the syntax of headers';
const tooLarge = '6585 §5: header fields too large';

const trailers = (...fields) =>
  post(['Transfer-Encoding: chunked'], `5\r\nhello\r\n0\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`);
const without = (name) => [{ method: 'POST', body: 'hello', headers: { [name]: null } }];
const forbidden = (field) => {
  const name = field.split(':')[0];
  const kept = { 'transfer-encoding': 'chunked', host: 'a' }[name.toLowerCase()] ?? null;
  const handled = [{ method: 'POST', body: 'hello', headers: { [name]: kept } }];
  return either(`a trailer that must not be: ${name}`, framing, trailers(field), 400, handled, { halfHandled: true });
};
const bad = (name, ...fields) => bodyRefused(name, syntax, `${trailers(...fields)}${smuggled}`);

module.exports = [
  accepted('a trailer stays out of the headers', apart, trailers('X-Sum: 1'), without('x-sum')),
  accepted(
    'a trailer does not change a header of the same name',
    apart,
    post(['X-Sum: 1', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nX-Sum: 2\r\n\r\n'),
    [{ body: 'hello', headers: { 'x-sum': '1' } }],
  ),
  accepted(
    'a trailer that was announced',
    apart,
    post(['Trailer: X-Sum', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nX-Sum: 2\r\n\r\n'),
    without('x-sum'),
  ),
  accepted(
    'the next request behind trailers',
    '9112 §7.1.2',
    `${trailers('X-Sum: 1')}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`,
    [{ body: 'hello' }, { url: '/next', headers: { 'x-sum': null } }],
  ),
  ...[
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Host: b',
    'Authorization: Basic eDp5',
    'Content-Type: text/html',
    'Cookie: a=b',
    'Expect: 100-continue',
    'Connection: close',
    'Content-Encoding: gzip',
  ].map(forbidden),
  either(
    'a Content-Length in the trailers that would swallow the next request',
    framing,
    `${trailers(`Content-Length: ${smuggled.length}`)}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`,
    400,
    [{ body: 'hello' }, { url: '/next' }],
    { halfHandled: true },
  ),
  bad('a trailer without a colon', 'nothing'),
  bad('a request line as a trailer', 'GET /smuggled HTTP/1.1', 'Host: a'),
  bad('a space before a trailer’s colon', 'X : y'),
  bad('a trailer without a name', ': y'),
  bad('a folded trailer', 'X: y', ' z'),
  bad('a fold before the first trailer', ' X: y'),
  bad('a NUL in a trailer', 'X: y\0z'),
  bad('a NUL in a trailer’s name', 'X\0: y'),
  bad('a CR in a trailer', 'X: y\rz'),
  bad('an LF in a trailer', 'X: y\nz'),
  bad('a request hidden behind lone LFs in a trailer', 'X: y\n\nGET /smuggled HTTP/1.1\nHost: a\n'),
  bodyRefused(
    'too many trailers',
    tooLarge,
    trailers(...Array.from({ length: limits.headerCount + 1 }, (_none, number) => `X-${number}: y`)),
    [400, 413, 431],
    { profile: 'limits' },
  ),
  bodyRefused(
    'trailers that are too large',
    tooLarge,
    trailers(`X: ${'y'.repeat(limits.headerBytes + 100)}`),
    [400, 413, 431],
    { profile: 'limits' },
  ),
  bodyRefused(
    'a trailer without end',
    tooLarge,
    () => post(['Transfer-Encoding: chunked'], `0\r\nX: ${'y'.repeat(300_000)}`),
    [400, 413, 431],
  ),
  bodyRefused(
    'trailers without end',
    tooLarge,
    () => post(['Transfer-Encoding: chunked'], `0\r\n${'a: b\r\n'.repeat(60_000)}`),
    [400, 413, 431],
  ),
];

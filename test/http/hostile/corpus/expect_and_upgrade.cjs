// Expect, Upgrade, Connection: what asks the server to behave differently.
const { accepted, either, entry, lines, post, refused, refusal, smuggled, withHeaders } = require('./entry.cjs');

const expectation = '9110 §10.1.1: 100-continue is the only one; others may get 417';
const ignored = '9110 §7.8: a server may ignore Upgrade; what follows is HTTP as before';
const next = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';

// Whoever has read the whole request may go on behind the answer.
const unmet = (name, bytes) =>
  entry(name, expectation, bytes, [refusal(417), { answers: [[417]], closes: false, handled: [] }]);
const posted = [{ method: 'POST', url: '/', body: 'hello' }];

module.exports = [
  unmet('an expectation that nobody knows', post(['Expect: 200-ok', 'Content-Length: 5'], 'hello')),
  unmet('an expectation without a body that nobody knows', withHeaders('Expect: miracles')),
  unmet('two expectations', post(['Expect: 100-continue, 200-ok', 'Content-Length: 5'], 'hello')),
  unmet('100-continue with a parameter', post(['Expect: 100-continue;a=b', 'Content-Length: 5'], 'hello')),
  unmet('100-continue with something before it', post(['Expect: x100-continue', 'Content-Length: 5'], 'hello')),
  unmet('100-continue with something behind it', post(['Expect: 100-continued', 'Content-Length: 5'], 'hello')),
  accepted(
    '100-continue, and the body at once',
    '9110 §10.1.1: then 100 may be left out',
    post(['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    posted,
  ),
  accepted(
    '100-Continue in another case',
    '9110 §10.1.1: it ignores case',
    post(['Expect: 100-Continue', 'Content-Length: 5'], 'hello'),
    posted,
  ),
  accepted(
    '100-continue without a body',
    '9110 §10.1.1: a client must not; nothing is to be read',
    withHeaders('Expect: 100-continue'),
    [{ url: '/' }],
  ),
  accepted(
    '100-continue in HTTP/1.0',
    '9110 §10.1.1: must be ignored there',
    lines('POST / HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 5') + 'hello',
    posted,
    { closes: true, continues: false },
  ),
  either('an empty expectation', expectation, withHeaders('Expect:'), [400, 417], [{ url: '/' }]),
  either(
    '100-continue twice',
    expectation,
    post(['Expect: 100-continue', 'Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    [400, 417],
    posted,
  ),

  accepted(
    'an upgrade to HTTP/2 is not taken',
    ignored,
    `${withHeaders('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA')}${next}`,
    [{ url: '/' }, { url: '/next' }],
  ),
  accepted(
    'an upgrade to WebSocket that the handler does not take',
    ignored,
    `${withHeaders('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==')}${next}`,
    [{ url: '/' }, { url: '/next' }],
  ),
  accepted(
    'an upgrade to something unknown',
    ignored,
    `${withHeaders('Connection: Upgrade', 'Upgrade: frobnicate/7')}${next}`,
    [{ url: '/' }, { url: '/next' }],
  ),
  accepted(
    'an upgrade with a body',
    ignored,
    `${post(['Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 5'], 'hello')}${next}`,
    [...posted, { url: '/next' }],
  ),
  accepted(
    'an upgrade with a chunked body',
    ignored,
    `${post(['Connection: Upgrade', 'Upgrade: websocket', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n')}${next}`,
    [...posted, { url: '/next' }],
  ),
  accepted(
    'an upgrade with a body that looks like a request',
    ignored,
    post(['Connection: Upgrade', 'Upgrade: websocket', `Content-Length: ${smuggled.length}`], smuggled),
    [{ body: smuggled }],
  ),
  accepted('Upgrade without Connection', ignored, `${withHeaders('Upgrade: websocket')}${next}`, [
    { url: '/' },
    { url: '/next' },
  ]),
  accepted('Connection: Upgrade without Upgrade', ignored, `${withHeaders('Connection: Upgrade')}${next}`, [
    { url: '/' },
    { url: '/next' },
  ]),
  accepted(
    'an upgrade in HTTP/1.0',
    '9110 §7.8: must be ignored there',
    lines('GET / HTTP/1.0', 'Connection: Upgrade', 'Upgrade: websocket'),
    [{ url: '/' }],
    { closes: true },
  ),
  refused(
    'something that is not HTTP behind an upgrade',
    '9110 §7.8 and 9112 §3',
    `${withHeaders('Connection: Upgrade', 'Upgrade: websocket')}\x81\x05hello`,
    400,
    { before: [{ url: '/' }] },
  ),
  refused(
    'a bad request behind an upgrade',
    '9110 §7.8 and 9112 §3',
    `${withHeaders('Connection: Upgrade', 'Upgrade: h2c')}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
    [400, 405, 501, 505],
    { before: [{ url: '/' }] },
  ),

  accepted(
    'Connection: close',
    '9112 §9.6: nothing behind it is looked at',
    `${withHeaders('Connection: close')}${smuggled}`,
    [{ url: '/' }],
    { closes: true },
  ),
  accepted(
    'Connection: close among others',
    '9112 §9.6',
    `${withHeaders('Connection: x, Close , y')}${smuggled}`,
    [{ url: '/' }],
    { closes: true },
  ),
  accepted(
    'Connection: close in a second line',
    '9112 §9.6',
    `${withHeaders('Connection: keep-alive', 'Connection: close')}${smuggled}`,
    [{ url: '/' }],
    { closes: true },
  ),
  accepted(
    'Connection with a word that only contains close',
    '9112 §9.6',
    `${withHeaders('Connection: enclosed, close-not')}${next}`,
    [{ url: '/' }, { url: '/next' }],
  ),
  accepted('HTTP/1.0 that is kept alive', '9112 §9.3', `${lines('GET / HTTP/1.0', 'Connection: keep-alive')}${next}`, [
    { url: '/' },
    { url: '/next' },
  ]),
  accepted('HTTP/1.0 that is not kept alive', '9112 §9.3', `${lines('GET / HTTP/1.0')}${smuggled}`, [{ url: '/' }], {
    closes: true,
  }),
];

// Several requests in one go: each is answered in its turn, and nothing behind a bad one is looked at.
const { accepted, bodyRefused, lines, post, refused, smuggled } = require('./entry.cjs');

const order = '9112 §9.3.2: answers come in the order of the requests';
const stop = '9112 §9.6 and §2.2: behind a faulty message there is no telling where the next begins';

const get = (url) => lines(`GET ${url} HTTP/1.1`, 'Host: a');
const posted = { method: 'POST', url: '/', body: 'hello' };
const many = Array.from({ length: 50 }, (_none, number) => `/${number}`);
const chunked = (body) => post(['Transfer-Encoding: chunked'], body);

module.exports = [
  accepted('three requests', order, get('/1') + get('/2') + get('/3'), [{ url: '/1' }, { url: '/2' }, { url: '/3' }]),
  accepted(
    'fifty requests',
    order,
    () => many.map(get).join(''),
    many.map((url) => ({ url })),
  ),
  accepted('an empty line between requests', '9112 §2.2', `${get('/1')}\r\n${get('/2')}`, [
    { url: '/1' },
    { url: '/2' },
  ]),
  accepted(
    'an empty line behind a body',
    '9112 §2.2: old clients send one',
    `${post(['Content-Length: 5'], 'hello')}\r\n${get('/2')}`,
    [posted, { url: '/2' }],
  ),
  accepted(
    'bodies of every kind one behind the other',
    order,
    post(['Content-Length: 5'], 'hello') + chunked('5\r\nhello\r\n0\r\n\r\n') + post([]) + get('/4'),
    [posted, posted, { body: '' }, { url: '/4' }],
  ),
  refused('a good one and a bad one', stop, `${get('/1')}BAD\r\n\r\n${smuggled}`, 400, { before: [{ url: '/1' }] }),
  refused('a bad one and a good one', stop, `GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n${smuggled}`),
  refused(
    'two good ones and one without Host',
    stop,
    `${get('/1')}${get('/2')}GET /3 HTTP/1.1\r\n\r\n${smuggled}`,
    400,
    { before: [{ url: '/1' }, { url: '/2' }] },
  ),
  refused('a good one and garbage', stop, `${get('/1')}\0\xff\0\xff`, 400, { before: [{ url: '/1' }] }),
  refused('a good one and lone LFs', stop, `${get('/1')}GET /smuggled HTTP/1.1\nHost: a\n\n`, 400, {
    before: [{ url: '/1' }],
  }),
  refused(
    'a body that is longer than it says',
    stop,
    `${post(['Content-Length: 5'], 'hello, world\r\n\r\n')}${smuggled}`,
    400,
    { before: [posted] },
  ),
  refused('a body behind a length of zero', stop, `${post(['Content-Length: 0'], 'hello\r\n\r\n')}${smuggled}`, 400, {
    before: [{ body: '' }],
  }),
  refused('a chunked body behind no header for it', stop, `${post([], '5\r\nhello\r\n0\r\n\r\n')}${smuggled}`, 400, {
    before: [{ body: '' }],
  }),
  refused(
    'a body behind a name that only resembles Content-Length',
    stop,
    `${post(['Content_Length: 5'], 'hello')}${smuggled}`,
    [400, 405, 501],
    { before: [{ body: '' }] },
  ),
  refused(
    'chunks behind a name that only resembles Transfer-Encoding',
    stop,
    `${post(['Transfer_Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n')}${smuggled}`,
    400,
    { before: [{ body: '' }] },
  ),
  bodyRefused('a good one and a bad chunk', stop, `${get('/1')}${chunked('x\r\n')}${smuggled}`, 400, {
    before: [{ url: '/1' }],
  }),
  refused(
    'a good one and a header without end',
    '6585 §5',
    () => `${get('/1')}GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(300_000)}`,
    431,
    { before: [{ url: '/1' }] },
  ),
  refused(
    'a good one and a target without end',
    '9110 §15.5.15',
    () => `${get('/1')}GET /${'x'.repeat(300_000)}`,
    [414, 431],
    { before: [{ url: '/1' }] },
  ),
];

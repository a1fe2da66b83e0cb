// Transfer-Encoding: chunked once and last, alone, and in no disguise.
const { accepted, either, lines, post, refused, smuggled } = require('./entry.cjs');

const both = '9112 §6.1 and §6.3: with Content-Length it is an attempt to smuggle, and may be refused';
const last = '9112 §6.3: in a request, chunked must be the last coding, else 400 and close';
const once = '9112 §7.1: chunked is applied only once';
const unknown = '9112 §6.1: an unknown coding gets 501; 400 where it is not the last';
const old = '9112 §6.1: in HTTP/1.0 the framing is faulty';
const disguise = '9110 §5.6.2 and 9112 §7: a coding is a token, without other marks';
const listed = '9110 §5.6.1: a list, whose empty elements may be ignored';
const noCase = '9112 §7: names of codings ignore case';

const body = '5\r\nhello\r\n0\r\n\r\n';
const chunked = (...codings) =>
  post(
    codings.map((coding) => `Transfer-Encoding: ${coding}`),
    body,
  );
const posted = { method: 'POST', url: '/', body: 'hello' };

const bad = (name, rule, coding, status) => refused(name, rule, `${chunked(coding)}${smuggled}`, status);

module.exports = [
  accepted('a chunked body', '9112 §7.1', chunked('chunked'), [posted]),
  accepted(
    'a chunked body and the next request',
    '9112 §7.1',
    `${chunked('chunked')}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`,
    [posted, { url: '/next' }],
  ),
  accepted('chunked in capitals', noCase, chunked('CHUNKED'), [posted]),
  accepted('chunked in mixed case', noCase, chunked('cHuNkEd'), [posted]),
  accepted('chunked behind a tab', '9110 §5.5', chunked('\tchunked'), [posted]),
  either(
    'chunked before a space and a tab',
    '9110 §5.5: outer whitespace is no part of the value; where the parser is stricter it is refused',
    chunked('chunked \t'),
    400,
    [posted],
  ),
  accepted(
    'a chunked body for GET',
    '9110 §9.3.1',
    `GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    [{ method: 'GET', body: 'hello' }],
  ),
  accepted('TE says nothing about the request', '9110 §10.1.4', post(['TE: chunked, trailers']), [
    { method: 'POST', body: '' },
  ]),
  either('an empty element behind chunked', listed, chunked('chunked,'), [400, 501], [posted]),
  either('an empty element before chunked', listed, chunked(', chunked'), [400, 501], [posted]),

  refused(
    'Content-Length, then Transfer-Encoding',
    both,
    post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`),
  ),
  refused(
    'Transfer-Encoding, then Content-Length',
    both,
    post(['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${smuggled}`),
  ),
  refused(
    'Transfer-Encoding and Content-Length of zero',
    both,
    post(['Transfer-Encoding: chunked', 'Content-Length: 0'], `${body}${smuggled}`),
  ),
  refused(
    'Transfer-Encoding and Content-Length far apart',
    both,
    post(['Transfer-Encoding: chunked', ...Array(10).fill('X: y'), 'content-length: 5'], `${body}${smuggled}`),
  ),
  refused(
    'Transfer-Encoding and an invalid Content-Length',
    both,
    post(['Transfer-Encoding: chunked', 'Content-Length: x'], body),
  ),
  refused(
    'Transfer-Encoding between two Content-Lengths',
    both,
    post(['Content-Length: 5', 'Transfer-Encoding: chunked', 'Content-Length: 5'], body),
  ),
  refused(
    'an unknown coding and Content-Length',
    both,
    post(['Transfer-Encoding: x', 'Content-Length: 5'], 'hello'),
    [400, 501],
  ),
  refused(
    'identity and Content-Length',
    both,
    post(['Transfer-Encoding: identity', 'Content-Length: 5'], `hello${smuggled}`),
    [400, 501],
  ),
  refused(
    'chunked in capitals and Content-Length',
    both,
    post(['TRANSFER-ENCODING: CHUNKED', 'Content-Length: 4'], `${body}${smuggled}`),
  ),

  bad('chunked twice in a list', once, 'chunked, chunked', [400, 501]),
  refused('chunked twice in two lines', once, `${chunked('chunked', 'chunked')}${smuggled}`, [400, 501]),
  bad('identity', last, 'identity', [400, 501]),
  bad('gzip', last, 'gzip', [400, 501]),
  bad('an unknown coding', last, 'frobnicated', [400, 501]),
  bad('chunked, then identity', last, 'chunked, identity', [400, 501]),
  bad('chunked, then gzip', last, 'chunked, gzip', [400, 501]),
  refused('chunked, then gzip in a second line', last, `${chunked('chunked', 'gzip')}${smuggled}`, [400, 501]),
  refused('chunked, then something else in a second line', last, `${chunked('chunked', 'cow')}${smuggled}`, [400, 501]),
  refused(
    'something else, then chunked in a second line',
    unknown,
    `${chunked('cow', 'chunked')}${smuggled}`,
    [400, 501],
  ),
  bad('gzip, then chunked', unknown, 'gzip, chunked', [400, 501]),
  bad('identity, then chunked', unknown, 'identity, chunked', [400, 501]),
  bad('an unknown coding, then chunked', unknown, 'frobnicated, chunked', [400, 501]),
  bad('an empty coding', last, '', [400, 501]),
  bad('a comma', last, ',', [400, 501]),

  bad('xchunked', disguise, 'xchunked', [400, 501]),
  bad('chunkedx', disguise, 'chunkedx', [400, 501]),
  bad('chunke', disguise, 'chunke', [400, 501]),
  bad('chunked with a parameter', disguise, 'chunked;a=b', [400, 501]),
  bad('chunked with a weight', disguise, 'chunked;q=0', [400, 501]),
  bad('chunked in quotes', disguise, '"chunked"', [400, 501]),
  bad('chunked in single quotes', disguise, "'chunked'", [400, 501]),
  bad('chunked in brackets', disguise, '[chunked]', [400, 501]),
  bad('chunked twice without a comma', disguise, 'chunked chunked', [400, 501]),
  bad('a word before chunked', disguise, 'x chunked', [400, 501]),
  bad('a word behind chunked', disguise, 'chunked x', [400, 501]),
  bad('a colon before chunked', disguise, ': chunked', [400, 501]),
  bad('chunked behind a vertical tab', disguise, '\x0bchunked', [400, 501]),
  bad('chunked before a vertical tab', disguise, 'chunked\x0b', [400, 501]),
  bad('chunked behind a form feed', disguise, '\x0cchunked', [400, 501]),
  bad('chunked before a NUL', disguise, 'chunked\0', [400, 501]),
  bad('chunked behind a NUL', disguise, '\0chunked', [400, 501]),
  bad('chunked before a no-break space', disguise, 'chunked\xa0', [400, 501]),
  bad('chunked before a byte 0xff', disguise, 'chunked\xff', [400, 501]),
  bad('chunked behind a lone CR', disguise, '\rchunked', [400, 501]),
  bad('chunked behind a lone LF', disguise, '\nchunked', [400, 501]),
  bad('chunked with a Kelvin sign', disguise, 'chun\xe2\x84\xaaed', [400, 501]),
  refused(
    'Transfer-Encoding with a NUL in its name',
    '9110 §5.1',
    post(['Transfer-Encoding\0: chunked'], `${body}${smuggled}`),
  ),
  refused(
    'Transfer-Encoding behind a tab',
    '9112 §5.2',
    post(['X: y', '\tTransfer-Encoding: chunked'], `${body}${smuggled}`),
  ),
  refused(
    'Transfer-Encoding behind a lone LF',
    '9110 §5.5',
    post(['X: y\nTransfer-Encoding: chunked'], `${body}${smuggled}`),
  ),
  refused('chunked in HTTP/1.0', old, lines('POST / HTTP/1.0', 'Transfer-Encoding: chunked') + body),
  refused(
    'chunked in HTTP/1.0 that would be kept alive',
    old,
    lines('POST / HTTP/1.0', 'Connection: keep-alive', 'Transfer-Encoding: chunked') + body + smuggled,
  ),
  refused(
    'chunked and Content-Length in HTTP/1.0',
    old,
    lines('POST / HTTP/1.0', 'Content-Length: 5', 'Transfer-Encoding: chunked') + body,
  ),
  accepted(
    'a name that only resembles Transfer-Encoding',
    '9110 §5.1',
    lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encodings: chunked', 'Transfer-Encodin: chunked'),
    [{ method: 'POST', body: '' }],
  ),
];

// Content-Length: one number of digits, and nothing that two parsers could read in two ways.
const { accepted, bodyRefused, cut, either, get, lines, post, refused, smuggled } = require('./entry.cjs');
const limits = require('./limits.cjs');

const digits = '9110 §8.6 and 9112 §6.3: an invalid Content-Length is an unrecoverable error: 400 and close';
const several = '9112 §6.3: differing values are an error; equal ones may be refused as well, and are';
const overflow = '9110 §8.6: no limit to the number, so overflow must be watched; 413 for what is merely too large';
const exact = '9112 §6.3: as many bytes as it says are the body, the rest is the next request';
const tooLarge = '9110 §15.5.14';

const hello = (...lengths) =>
  post(
    lengths.map((length) => `Content-Length: ${length}`),
    'hello',
  );
const length = (name, value, status) => refused(`Content-Length ${name}`, digits, `${hello(value)}${smuggled}`, status);
const posted = (body) => ({ method: 'POST', url: '/', body });
const inLimits = { profile: 'limits' };

module.exports = [
  accepted('a body of five bytes', exact, hello('5'), [posted('hello')]),
  accepted('a body and the next request', exact, `${hello('5')}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`, [
    posted('hello'),
    { url: '/next' },
  ]),
  accepted('a body that looks like a request', exact, post([`Content-Length: ${smuggled.length}`], smuggled), [
    posted(smuggled),
  ]),
  accepted(
    'a body for GET',
    '9110 §9.3.1: it has no meaning, and is read all the same',
    lines('GET / HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`) + smuggled,
    [{ ...get, body: smuggled }],
  ),
  accepted('a body of zero bytes', exact, post(['Content-Length: 0']), [posted('')]),
  accepted('POST without a length', '9112 §6.3: then the body is empty', post([]), [posted('')]),
  accepted('leading zeros', '9110 §8.6: digits, and zeros are some', hello('0005'), [posted('hello')]),
  accepted('spaces around the length', '9110 §5.5', hello('  5  '), [posted('hello')]),
  either('tabs around the length', '9110 §5.5: allowed; parsers are known that refuse it', hello('\t5\t'), 400, [
    posted('hello'),
  ]),
  either('very many leading zeros', '9110 §8.6', hello(`${'0'.repeat(50)}5`), 400, [posted('hello')]),
  accepted('a body for HTTP/1.0', exact, lines('POST / HTTP/1.0', 'Content-Length: 5') + 'hello', [posted('hello')], {
    closes: true,
  }),

  length('negative', '-5'),
  length('minus zero', '-0'),
  length('with a plus sign', '+5'),
  length('in hexadecimal', '0x5'),
  length('with a letter behind it', '5a'),
  length('with a letter before it', 'a5'),
  length('as a word', 'five'),
  length('empty', ''),
  length('of spaces', '  '),
  length('with a fraction', '5.0'),
  length('with an exponent', '5e0'),
  length('with a space inside', '5 5'),
  length('with a tab inside', '5\t5'),
  length('with underscores', '0_5'),
  length('with a comma for thousands', '1,000'),
  length('quoted', '"5"'),
  length('with a parameter', '5;a=b'),
  length('that is not a number', 'NaN'),
  length('that is infinite', 'Infinity'),
  length('with a NUL', '5\0'),
  length('behind a vertical tab', '\x0b5'),
  length('before a vertical tab', '5\x0b'),
  length('with Arabic digits', '\xd9\xa5'),
  length('with fullwidth digits', '\xef\xbc\x95'),
  length('with a CR inside', '5\r5'),

  refused('a list of equal lengths', several, `${hello('5, 5')}${smuggled}`),
  refused('a list of different lengths', several, `${hello('5, 6')}${smuggled}`),
  refused('a list with an empty element', several, `${hello('5,')}${smuggled}`),
  refused('a list that begins with an empty element', several, `${hello(',5')}${smuggled}`),
  refused('the same length twice', several, `${hello('5', '5')}${smuggled}`),
  refused('two lengths', several, `${hello('5', '6')}${smuggled}`),
  refused('a length and zero', several, `${hello('5', '0')}${smuggled}`),
  refused('zero and a length', several, `${hello('0', '5')}${smuggled}`),
  refused('a length and an empty one', several, `${hello('5', '')}${smuggled}`),
  refused('an empty one and a length', several, `${hello('', '5')}${smuggled}`),
  refused(
    'two lengths with other headers between',
    several,
    post(['Content-Length: 5', 'X: y', 'content-length: 44'], `hello${smuggled}`),
  ),
  refused(
    'two lengths in HTTP/1.0',
    several,
    lines('POST / HTTP/1.0', 'Content-Length: 5', 'Content-Length: 6') + 'hello!',
  ),

  refused('2^64, which would be 0', overflow, `${hello('18446744073709551616')}${smuggled}`, [400, 413]),
  refused('2^64 + 5, which would be 5', overflow, `${hello('18446744073709551621')}${smuggled}`, [400, 413]),
  refused(
    '2^32 + 5, which would be 5',
    overflow,
    post(['Content-Length: 4294967301'], `hello${smuggled}`),
    413,
    inLimits,
  ),
  refused('2^64 - 1', overflow, hello('18446744073709551615'), [400, 413], inLimits),
  refused('2^63', overflow, hello('9223372036854775808'), [400, 413], inLimits),
  refused('2^63 - 1', overflow, hello('9223372036854775807'), [400, 413], inLimits),
  refused('2^53 + 1', overflow, hello('9007199254740993'), 413, inLimits),
  refused('2^31', overflow, hello('2147483648'), 413, inLimits),
  refused('a length of 1000 digits', overflow, hello('9'.repeat(1000)), [400, 413, 431]),

  accepted(
    'a body as long as may be',
    tooLarge,
    post([`Content-Length: ${limits.body}`], 'b'.repeat(limits.body)),
    [posted('b'.repeat(limits.body))],
    inLimits,
  ),
  bodyRefused(
    'a body that is one byte too long',
    tooLarge,
    post([`Content-Length: ${limits.body + 1}`], 'b'.repeat(limits.body + 1)),
    413,
    inLimits,
  ),

  refused(
    'Content-Length with a NUL in its name',
    '9110 §5.1: a name is a token',
    post(['Content-Length\0: 5'], `hello${smuggled}`),
  ),
  cut(
    'a body that ends too early',
    '9112 §8: an incomplete request; the server may answer 400',
    post(['Content-Length: 10'], 'hello'),
  ),
  cut('a body that does not come', '9112 §8', post(['Content-Length: 10'])),
  accepted(
    'a name that only resembles Content-Length',
    exact,
    lines('POST / HTTP/1.1', 'Host: a', 'Content-Lengthy: 5', 'XContent-Length: 6', 'Content-Lengt: 7'),
    [posted('')],
  ),
];

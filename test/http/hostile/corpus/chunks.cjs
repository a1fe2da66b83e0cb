// Chunks: sizes, extensions, what ends them, and the last one.
const { accepted, bodyRefused, cut, either, post, smuggled } = require('./entry.cjs');
const limits = require('./limits.cjs');

const size = '9112 §7.1: a chunk’s size is hexadecimal digits, and must not overflow';
const lineEnds = '9112 §7.1 and §2.2: CRLF behind the size and behind the data';
const extension = '9112 §7.1.1: extensions are tokens and quoted strings; too long ones are an attack';
const end = '9112 §7.1: the last chunk, trailers, an empty line';
const tooLarge = '9110 §15.5.14';

const chunks = (bytes) => post(['Transfer-Encoding: chunked'], bytes);
const posted = (body) => ({ method: 'POST', url: '/', body });
const hello = [posted('hello')];
const good = (name, rule, bytes, body = 'hello', options) =>
  accepted(name, rule, chunks(bytes), [posted(body)], options);
const bad = (name, rule, bytes, status, options) =>
  bodyRefused(name, rule, chunks(`${bytes}${smuggled}`), status, options);
const badSize = (name, text, status) =>
  bad(`a chunk whose size ${name}`, size, `${text}\r\nhello\r\n0\r\n\r\n`, status);
const inLimits = { profile: 'limits' };

module.exports = [
  good('several chunks', end, '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'),
  good(
    'a chunk with a hexadecimal size',
    size,
    'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
    '01234567890123456789',
  ),
  good('a chunk with leading zeros', size, '0005\r\nhello\r\n000\r\n\r\n'),
  good('no chunks but the last', end, '0\r\n\r\n', ''),
  good('a chunk that looks like the last one', end, '5\r\n0\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n'),
  good(
    'a chunk that looks like a request',
    end,
    `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    smuggled,
  ),
  good('a chunk with an extension', extension, '5;a=b\r\nhello\r\n0\r\n\r\n'),
  good('a chunk with a quoted extension', extension, '5;a="b c;d"\r\nhello\r\n0\r\n\r\n'),
  good('the last chunk with an extension', extension, '5\r\nhello\r\n0;a\r\n\r\n'),
  good('a thousand chunks of one byte', end, `${'1\r\nx\r\n'.repeat(1000)}0\r\n\r\n`, 'x'.repeat(1000)),
  good(
    'chunks as long as may be',
    tooLarge,
    `${limits.body.toString(16)}\r\n${'b'.repeat(limits.body)}\r\n0\r\n\r\n`,
    'b'.repeat(limits.body),
    inLimits,
  ),
  either('many leading zeros', size, chunks(`${'0'.repeat(40)}5\r\nhello\r\n0\r\n\r\n`), 400, hello, {
    halfHandled: true,
  }),
  either(
    'whitespace before an extension',
    '9112 §7.1.1: recipients take bad whitespace there',
    chunks('5 ;a=b\r\nhello\r\n0\r\n\r\n'),
    400,
    hello,
    { halfHandled: true },
  ),
  either('an empty extension', extension, chunks('5;\r\nhello\r\n0\r\n\r\n'), 400, hello, { halfHandled: true }),

  badSize('is missing', ''),
  badSize('is no number', 'x'),
  badSize('is negative', '-5'),
  badSize('has a plus sign', '+5'),
  badSize('has 0x', '0x5'),
  badSize('is behind a space', ' 5'),
  badSize('is behind a tab', '\t5'),
  badSize('is before a space', '5 '),
  badSize('is before a tab', '5\t'),
  badSize('has a space inside', '0 5'),
  badSize('has a letter beyond f', '5g'),
  badSize('has a fraction', '5.0'),
  badSize('has an underscore', '0_5'),
  badSize('is quoted', '"5"'),
  badSize('is before a NUL', '5\0'),
  badSize('is behind a NUL', '\x005'),
  badSize('is before a vertical tab', '5\x0b'),
  badSize('has fullwidth digits', '\xef\xbc\x95'),
  badSize('has a comma', '5,5'),
  badSize('is before a colon', '5:a'),
  badSize('is before an equals sign', '5=a'),
  badSize('is 2^64, which would be 0', '10000000000000000', [400, 413]),
  badSize('is 2^64 + 5, which would be 5', '10000000000000005', [400, 413]),
  badSize('is 2^68 + 5, which would be 5', '100000000000000005', [400, 413]),
  badSize('has a thousand digits', 'f'.repeat(1000), [400, 413]),
  bad('a chunk of 2^64 - 1 bytes', size, 'ffffffffffffffff\r\nhello', [400, 413], inLimits),
  bad('a chunk of 2^63 bytes', size, '8000000000000000\r\nhello', [400, 413], inLimits),
  bad('a chunk of 2^32 + 5 bytes', size, '100000005\r\nhello\r\n0\r\n\r\n', 413, inLimits),
  bad('a chunk of 2^31 bytes', size, '80000000\r\nhello', 413, inLimits),

  bad('no CRLF behind the data', lineEnds, '5\r\nhello0\r\n\r\n'),
  bad('a lone LF behind the data', lineEnds, '5\r\nhello\n0\r\n\r\n'),
  bad('a lone CR behind the data', lineEnds, '5\r\nhello\r0\r\n\r\n'),
  bad('a space behind the data', lineEnds, '5\r\nhello \r\n0\r\n\r\n'),
  bad('more data than the size says', lineEnds, '5\r\nhello, world\r\n0\r\n\r\n'),
  bad('less data than the size says', lineEnds, '6\r\nhello\r\n0\r\n\r\n'),
  bad('a lone LF behind the size', lineEnds, '5\nhello\r\n0\r\n\r\n'),
  bad('a lone CR behind the size', lineEnds, '5\rhello\r\n0\r\n\r\n'),
  bad('CR CR LF behind the size', lineEnds, '5\r\r\nhello\r\n0\r\n\r\n'),
  bad('lone LFs everywhere in the chunks', lineEnds, '5\nhello\n0\n\n'),
  bad('an empty line between chunks', lineEnds, '2\r\nhe\r\n\r\n3\r\nllo\r\n0\r\n\r\n'),
  bad('no CRLF between size and data', lineEnds, '5hello\r\n0\r\n\r\n'),

  bad('a lone LF in an extension', extension, '5;a\nb\r\nhello\r\n0\r\n\r\n'),
  bad('a lone LF behind an extension', extension, '5;a=b\nhello\r\n0\r\n\r\n'),
  bad('a chunk hidden behind a lone LF in an extension', extension, `2;\nxx\r\n4c\r\n0\r\n\r\n`),
  bad('a lone CR in an extension', extension, '5;a\rb\r\nhello\r\n0\r\n\r\n'),
  bad('a NUL in an extension', extension, '5;a\0b\r\nhello\r\n0\r\n\r\n'),
  bad('a control byte in an extension', extension, '5;a\x01b\r\nhello\r\n0\r\n\r\n'),
  bad('a quoted extension without end', extension, '5;a="b\r\nhello\r\n0\r\n\r\n'),
  bad('a line end in a quoted extension', extension, '5;a="b\nc"\r\nhello\r\n0\r\n\r\n'),
  bodyRefused('an extension without end', extension, () => chunks(`5;a=${'e'.repeat(300_000)}`), [400, 413, 431]),
  bodyRefused(
    'small extensions without end',
    extension,
    () => chunks(`1;${'e'.repeat(1000)}\r\nx\r\n`.repeat(1000)),
    [400, 413, 431],
  ),

  bad('a lone LF behind the last chunk', end, '5\r\nhello\r\n0\n\r\n'),
  bad('a lone LF for the empty line', end, '5\r\nhello\r\n0\r\n\n'),
  bad('a lone CR for the empty line', end, '5\r\nhello\r\n0\r\n\rX'),
  bad(
    'the next request without an empty line',
    '9112 §7.1.2: it is read as a trailer, which has no colon',
    '5\r\nhello\r\n0\r\n',
  ),
  bad('a NUL behind the last chunk', end, '5\r\nhello\r\n0\0\r\n\r\n'),
  bad('data behind the last chunk', end, '5\r\nhello\r\n0\r\nhello\r\n\r\n'),
  bad('a space behind the last chunk', end, '5\r\nhello\r\n0 \r\n\r\n'),

  bad(
    'a chunk that is too large',
    tooLarge,
    `${(limits.body + 1).toString(16)}\r\n${'b'.repeat(limits.body + 1)}\r\n0\r\n\r\n`,
    413,
    inLimits,
  ),
  bad(
    'chunks that are too large together',
    tooLarge,
    `${`64\r\n${'b'.repeat(100)}\r\n`.repeat(12)}0\r\n\r\n`,
    413,
    inLimits,
  ),
  bad(
    'very many small chunks that are too large together',
    tooLarge,
    `${'1\r\nx\r\n'.repeat(limits.body + 1)}0\r\n\r\n`,
    413,
    inLimits,
  ),
  cut('chunks that end in the data', '9112 §8: an incomplete chunked body', chunks('5\r\nhel')),
  cut('chunks that end behind the data', '9112 §8', chunks('5\r\nhello\r\n')),
  cut('chunks that end behind the last size', '9112 §8', chunks('5\r\nhello\r\n0\r\n')),
  cut('chunks that never begin', '9112 §8', chunks('')),
];

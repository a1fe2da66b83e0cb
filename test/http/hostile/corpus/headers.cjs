// Header lines: names, values, what parts them, how many and how large.
const { accepted, either, get, lines, refused, smuggled, withHeaders } = require('./entry.cjs');
const limits = require('./limits.cjs');

const noSpace = '9112 §5.1: no space between the name and the colon';
const token = '9110 §5.1 and §5.6.2: a name is a token';
const folding = '9112 §5.2: a server must refuse or unfold folded lines; refusing is the safe one';
const value = '9110 §5.5: CR, LF and NUL are never part of a value';
const control = '9110 §5.5: control bytes are not part of a value';
const tooLarge = '6585 §5: header fields too large';
const colon = '9112 §5: a field line is a name, a colon and a value';
const lineEnds = '9112 §2.2: lines end with CRLF';

const fields = (count, text = 'x') => Array.from({ length: count }, (_none, number) => `X-${number}: ${text}`);
const inLimits = { profile: 'limits' };

// With the request line and Host, to the byte.
function ofBytes(total) {
  const frame = lines('GET / HTTP/1.1', 'Host: a', 'X: ').length;
  return withHeaders(`X: ${'x'.repeat(total - frame)}`);
}

module.exports = [
  accepted('names in any case', '9110 §5.1: names ignore case', lines('GET / HTTP/1.1', 'hOST: a', 'x-One: 1'), [
    { ...get, headers: { 'X-ONE': '1' } },
  ]),
  accepted('all letters that a name may have', token, withHeaders("!#$%&'*+-.^_`|~09azAZ: x"), [
    { ...get, headers: { "!#$%&'*+-.^_`|~09azAZ": 'x' } },
  ]),
  accepted('an empty value', '9110 §5.5', withHeaders('X:'), [{ ...get, headers: { x: '' } }]),
  accepted('a value of spaces', '9110 §5.5: outer whitespace is no part of it', withHeaders('X: \t '), [
    { ...get, headers: { x: '' } },
  ]),
  accepted('whitespace around a value', '9110 §5.5', withHeaders('X: \t a \t b \t '), [
    { ...get, headers: { x: 'a \t b' } },
  ]),
  accepted('no space before a value', '9112 §5', withHeaders('X:a'), [{ ...get, headers: { x: 'a' } }]),
  accepted('a value beyond ASCII is Latin-1', '9110 §5.5: obs-text is opaque data', withHeaders('X: \xe4\xff\x80'), [
    { ...get, headers: { x: '\xe4\xff\x80' } },
  ]),
  accepted('a colon in a value', '9110 §5.5', withHeaders('X: a: b'), [{ ...get, headers: { x: 'a: b' } }]),
  accepted('the same name twice', '9110 §5.3: the values are a list', withHeaders('X: a', 'x: b'), [
    { ...get, headers: { x: 'a, b' } },
  ]),
  accepted(
    'names of what JavaScript objects have',
    token,
    withHeaders('__proto__: a', 'constructor: b', 'hasOwnProperty: c', 'toString: d'),
    [{ ...get, headers: { __proto__: null, constructor: 'b', hasownproperty: 'c', tostring: 'd' } }],
  ),
  accepted(
    'a name with an underscore is not the one with a dash',
    token,
    withHeaders('Content_Length: 7', 'Transfer_Encoding: chunked'),
    [{ ...get, body: '' }],
  ),

  // Name and colon
  refused('a space before the colon', noSpace, withHeaders('X : a')),
  refused('a tab before the colon', noSpace, withHeaders('X\t: a')),
  refused('a space before the colon of Host', noSpace, lines('GET / HTTP/1.1', 'Host : a')),
  refused(
    'a space before the colon of Content-Length',
    noSpace,
    lines('POST / HTTP/1.1', 'Host: a', `Content-Length : ${smuggled.length}`) + smuggled,
  ),
  refused(
    'a space before the colon of Transfer-Encoding',
    noSpace,
    lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding : chunked') + '0\r\n\r\n',
  ),
  refused('a vertical tab before the colon', token, withHeaders('X\x0b: a')),
  refused('an empty name', token, withHeaders(': a')),
  refused('only a colon', token, withHeaders(':')),
  refused('a space in a name', token, withHeaders('Bad Name: a')),
  refused('a line without a colon', colon, withHeaders('nothing')),
  refused('a line without a colon before Host', colon, lines('GET / HTTP/1.1', 'nothing', 'Host: a')),
  refused('a request line among the headers', colon, withHeaders('GET /smuggled HTTP/1.1')),
  refused('an equals sign for the colon', token, withHeaders('X=a')),
  ...[...'()<>@,;\\"/[]?={}'].map((mark) => refused(`${mark} in a name`, token, withHeaders(`X${mark}Y: a`))),
  refused('a NUL in a name', token, withHeaders('X\0Y: a')),
  refused('a NUL behind a name', token, withHeaders('X\0: a')),
  refused('a control byte in a name', token, withHeaders('X\x01Y: a')),
  refused('a DEL in a name', token, withHeaders('X\x7fY: a')),
  refused('a CR in a name', lineEnds, withHeaders('X\rY: a')),
  refused('an LF in a name', lineEnds, withHeaders('X\nY: a')),
  refused('Latin-1 in a name', token, withHeaders('X\xe4: a')),
  refused('UTF-8 in a name', token, withHeaders('X\xc3\xa4: a')),
  refused('a Kelvin sign for a k', token, withHeaders('\xe2\x84\xaaeep-Alive: a')),

  // Folding
  refused('a folded value', folding, withHeaders('X: a', ' b')),
  refused('a value folded by a tab', folding, withHeaders('X: a', '\tb')),
  refused('a fold with nothing in it', folding, withHeaders('X: a', ' ')),
  refused(
    'a fold before the first header',
    '9112 §2.2: no whitespace between the request line and the first header',
    lines('GET / HTTP/1.1', ' X: a', 'Host: a'),
  ),
  refused(
    'a tab before the first header',
    '9112 §2.2: no whitespace between the request line and the first header',
    lines('GET / HTTP/1.1', '\tHost: a'),
  ),
  refused('a folded Host', folding, lines('GET / HTTP/1.1', 'Host:', ' a')),
  refused(
    'a folded Content-Length',
    folding,
    lines('POST / HTTP/1.1', 'Host: a', 'Content-Length:', ` ${smuggled.length}`) + smuggled,
  ),
  refused(
    'a folded Transfer-Encoding',
    folding,
    lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding:', ' chunked') + '0\r\n\r\n',
  ),
  refused(
    'a Content-Length hidden in a fold',
    folding,
    lines('POST / HTTP/1.1', 'Host: a', 'X: y', ` Content-Length: ${smuggled.length}`) + smuggled,
  ),
  refused('a fold by a lone LF', folding, withHeaders('X: a\n b')),
  refused('a fold by a lone CR', folding, withHeaders('X: a\r b')),

  // Values
  refused('a NUL in a value', value, withHeaders('X: a\0b')),
  refused('a NUL before a value', value, withHeaders('X:\0a')),
  refused('a CR in a value', value, withHeaders('X: a\rb')),
  refused('a CR before a value', value, withHeaders('X:\ra')),
  refused('two CRs behind a value', value, withHeaders('X: a\r')),
  refused('an LF in a value', value, withHeaders('X: a\nb')),
  refused('a header hidden behind a lone LF', value, withHeaders('X: a\nContent-Length: 7')),
  refused('a header hidden behind a lone CR', value, withHeaders('X: a\rContent-Length: 7')),
  refused('a request hidden behind lone LFs', value, withHeaders(`X: a\n\nGET /smuggled HTTP/1.1\nHost: a\n\n`)),
  refused('a control byte in a value', control, withHeaders('X: a\x01b')),
  refused('an escape in a value', control, withHeaders('X: \x1b[31m')),
  refused('a vertical tab in a value', control, withHeaders('X: a\x0bb')),
  refused('a backspace in a value', control, withHeaders('X: a\x08b')),
  refused('a DEL in a value', control, withHeaders('X: a\x7fb')),

  // The end of the lines
  refused('a lone LF behind a header', lineEnds, 'GET / HTTP/1.1\r\nHost: a\n\r\n'),
  refused('a lone LF behind a header, others follow', lineEnds, 'GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n'),
  refused('a lone LF behind the headers', lineEnds, 'GET / HTTP/1.1\r\nHost: a\r\n\n'),
  refused('a lone CR behind the headers', lineEnds, 'GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n'),
  refused('CR CR LF behind the headers', lineEnds, 'GET / HTTP/1.1\r\nHost: a\r\n\r\r\n'),
  refused('LF CR behind a header', lineEnds, 'GET / HTTP/1.1\r\nHost: a\n\rX: y\r\n\r\n'),

  // How many and how large
  accepted('as many headers as may be', tooLarge, withHeaders(...fields(limits.headerCount - 1)), [get], inLimits),
  refused('one header too many', tooLarge, withHeaders(...fields(limits.headerCount)), 431, inLimits),
  refused('the same header too often', tooLarge, withHeaders(...Array(limits.headerCount).fill('X: y')), 431, inLimits),
  accepted('headers somewhat below what may be', tooLarge, ofBytes(limits.headerBytes - 100), [get], inLimits),
  refused('headers somewhat above what may be', tooLarge, ofBytes(limits.headerBytes + 100), 431, inLimits),
  refused('a name that is too long', tooLarge, withHeaders(`${'n'.repeat(limits.headerBytes)}: x`), 431, inLimits),
  refused('a value that is too long', tooLarge, withHeaders(`X: ${'v'.repeat(limits.headerBytes)}`), 431, inLimits),
  refused(
    'many headers that are too long together',
    tooLarge,
    withHeaders(...fields(15, 'x'.repeat(150))),
    431,
    inLimits,
  ),
  refused('a name without end', tooLarge, () => `GET / HTTP/1.1\r\nHost: a\r\n${'n'.repeat(300_000)}`, 431),
  refused('a value without end', tooLarge, () => `GET / HTTP/1.1\r\nHost: a\r\nX: ${'v'.repeat(300_000)}`, 431),
  refused(
    'spaces before a value without end',
    tooLarge,
    () => `GET / HTTP/1.1\r\nHost: a\r\nX:${' '.repeat(300_000)}`,
    [400, 431],
  ),
  refused('a value of a megabyte', tooLarge, () => withHeaders(`X: ${'v'.repeat(1e6)}`), 431),
  refused('20,000 headers', tooLarge, () => withHeaders(...fields(20_000)), 431),
  refused('empty headers without end', tooLarge, () => `GET / HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(100_000)}`, 431),
  either(
    'a header of 8000 bytes',
    '9110 §5.4: no fixed limit; 8000 is what a request line should have',
    withHeaders(`X: ${'v'.repeat(8000)}`),
    431,
    [get],
  ),
];

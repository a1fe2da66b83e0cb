// The request line: method, target, version, and what ends it.
const { accepted, either, get, lines, refused, smuggled } = require('./entry.cjs');
const limits = require('./limits.cjs');

const line = (text) => lines(text, 'Host: a');
const target = (text) => line(`GET ${text} HTTP/1.1`);
const version = (text) => line(`GET / ${text}`);

const oneSpace = '9112 §3: method, target and version are parted by one space each';
const token = '9110 §9.1 and §5.6.2: a method is a token';
const known = '9110 §9.1: a method that the server does not know gets 501; 400 where the parser has a list of them';
const versionForm = '9112 §2.3: HTTP/ in capitals, a digit, a dot, a digit';
const major = '9110 §15.6.6: a major version that the server does not speak';
const targetForm = '9112 §3.2: a target is a path, an absolute URI, an authority for CONNECT or * for OPTIONS';
const targetBytes = '9112 §3.2 and 3986 §2: a target consists of visible ASCII';
const lineEnds = '9112 §2.2: lines end with CRLF; a lone CR is never one, a lone LF is refused for safety';

module.exports = [
  accepted('a plain request', '9112 §3', line('GET / HTTP/1.1'), [get]),
  accepted(
    'one empty line before the request',
    '9112 §2.2: at least one is to be ignored',
    `\r\n${line('GET / HTTP/1.1')}`,
    [get],
  ),
  either(
    'eight empty lines before the request',
    '9112 §2.2: how many are ignored is the server’s affair',
    `${'\r\n'.repeat(8)}${line('GET / HTTP/1.1')}`,
    400,
    [get],
  ),
  refused(
    'empty lines without end',
    '9112 §2.2: only some are to be ignored; 9110 §15.5: the rest is the client’s fault',
    () => '\r\n'.repeat(200_000),
    [400, 408, 431],
  ),
  refused('a space before the method', oneSpace, ` ${line('GET / HTTP/1.1')}`),
  refused('a tab before the method', oneSpace, `\t${line('GET / HTTP/1.1')}`),
  refused('a lone LF before the method', lineEnds, `\n${line('GET / HTTP/1.1')}`),
  refused('a lone CR before the method', lineEnds, `\r${line('GET / HTTP/1.1')}`),
  refused('a NUL before the method', token, `\0${line('GET / HTTP/1.1')}`),
  refused('a byte order mark before the method', token, `\xef\xbb\xbf${line('GET / HTTP/1.1')}`),

  // Method
  refused('a method in lower case', known, line('get / HTTP/1.1'), [400, 405, 501]),
  refused('a method in mixed case', known, line('Get / HTTP/1.1'), [400, 405, 501]),
  refused('a method that does not exist', known, line('FROBNICATE / HTTP/1.1'), [400, 405, 501]),
  refused('a method with one letter too many', known, line('GETT / HTTP/1.1'), [400, 405, 501]),
  refused('a method with one letter too few', known, line('GE / HTTP/1.1'), [400, 405, 501]),
  refused('no method', token, line(' / HTTP/1.1')),
  refused('a method with a parenthesis', token, line('G(T / HTTP/1.1')),
  refused('a method with a colon', token, line('GET: / HTTP/1.1')),
  refused('a method with a slash', token, line('GE/T / HTTP/1.1')),
  refused('a method with a byte beyond ASCII', token, line('G\xc9T / HTTP/1.1')),
  refused('a NUL in the method', token, line('G\0ET / HTTP/1.1')),
  refused('a NUL behind the method', token, line('GET\0/ HTTP/1.1')),
  refused('a DEL in the method', token, line('GE\x7fT / HTTP/1.1')),
  refused('a quoted method', token, line('"GET" / HTTP/1.1')),
  refused(
    'a method of 100,000 letters',
    known,
    () => line(`${'A'.repeat(100_000)} / HTTP/1.1`),
    [400, 405, 414, 431, 501],
  ),
  refused('a CR in the method', lineEnds, line('GE\rT / HTTP/1.1')),
  refused('an LF in the method', lineEnds, line('GE\nT / HTTP/1.1')),
  refused('a method of RTSP', known, line('DESCRIBE / HTTP/1.1'), [400, 405, 501]),
  refused('a request of RTSP', versionForm, line('DESCRIBE rtsp://a/b RTSP/1.0'), [400, 405, 501, 505]),
  refused('RTSP with a method that both have', versionForm, line('OPTIONS / RTSP/1.0'), [400, 501, 505]),
  refused('RTSP with GET', versionForm, line('GET / RTSP/1.0'), [400, 505]),
  refused('a request of Icecast', versionForm, line('SOURCE /mount ICE/1.0'), [400, 405, 501, 505]),
  refused('the preface of HTTP/2', major, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 405, 501, 505]),

  // Spaces
  refused('two spaces before the target', oneSpace, line('GET  / HTTP/1.1')),
  refused('two spaces before the version', oneSpace, line('GET /  HTTP/1.1')),
  refused('a tab before the target', oneSpace, line('GET\t/ HTTP/1.1')),
  refused('a tab before the version', oneSpace, line('GET /\tHTTP/1.1')),
  refused('a vertical tab before the target', oneSpace, line('GET\x0b/ HTTP/1.1')),
  refused('a form feed before the version', oneSpace, line('GET /\x0cHTTP/1.1')),
  refused('a no-break space before the target', oneSpace, line('GET\xa0/ HTTP/1.1')),
  refused('a space behind the version', oneSpace, version('HTTP/1.1 ')),
  refused('a tab behind the version', oneSpace, version('HTTP/1.1\t')),
  refused('a fourth word', oneSpace, version('HTTP/1.1 HTTP/1.1')),
  refused('a space in the target', oneSpace, target('/a b')),
  refused('no target', oneSpace, line('GET HTTP/1.1')),
  refused('an empty target', oneSpace, line('GET  HTTP/1.1')),
  refused('no version', '9112 §3: HTTP/0.9 is gone', line('GET /')),
  refused('only a method', oneSpace, line('GET')),

  // Target
  accepted(
    'a path with two slashes is a path, not a host',
    '9112 §3.2.1: what begins with a slash is the path',
    target('//b/x'),
    [{ url: '//b/x' }],
  ),
  accepted('a path with percent signs', '9112 §3.2.1', target('/%2e%2E/%00%0d%0a?q=%20'), [
    { url: '/%2e%2E/%00%0d%0a?q=%20' },
  ]),
  accepted('a query that looks like a URL', '9112 §3.2.1', target('/?u=http://b/x'), [{ url: '/?u=http://b/x' }]),
  refused('a target without a slash', targetForm, target('a')),
  refused('a target that is only a query', targetForm, target('?a')),
  refused('a target that is only a fragment', targetForm, target('#a')),
  refused('a fragment behind the path', '9112 §3.2: a target has no fragment', target('/a#b')),
  refused('a backslash for a slash', targetForm, target('\\a')),
  refused('a dot for a slash', targetForm, target('.')),
  either(
    'marks that no URI has',
    '3986 §2: not among its characters; 9112 §3.2: may be refused with 400',
    target('/"<>\\^`{|}'),
    400,
    [{ url: '/"<>\\^`{|}' }],
  ),
  refused('a NUL in the target', targetBytes, target('/a\0b')),
  refused('a control byte in the target', targetBytes, target('/a\x01b')),
  refused('a tab in the target', targetBytes, target('/a\tb')),
  refused('an escape in the target', targetBytes, target('/a\x1b[2Jb')),
  refused('a DEL in the target', targetBytes, target('/a\x7fb')),
  refused('a CR in the target', lineEnds, target('/a\rb')),
  refused('an LF in the target', lineEnds, target('/a\nb')),
  refused('UTF-8 in the target', targetBytes, target('/\xc3\xa4')),
  refused('Latin-1 in the target', targetBytes, target('/\xe4')),
  refused('a byte 0xff in the query', targetBytes, target('/?\xff')),
  accepted('an absolute target', '9112 §3.2.2: servers must take it, and it overrules Host', target('http://b/x?y'), [
    { url: 'http://b/x?y' },
  ]),
  accepted('an absolute target with a port', '9112 §3.2.2', target('http://b:81/x'), [{ url: 'http://b:81/x' }]),
  either(
    'an absolute target with a name and password',
    '9110 §4.2.4: userinfo from untrusted sources is an error',
    target('http://u:p@b/x'),
    400,
    [{}],
  ),
  refused('an absolute target without a host', '9110 §4.2.1: a URI with an empty host is invalid', target('http:///x')),
  refused(
    'an absolute target that ends too early',
    '9110 §4.2.1: a URI with an empty host is invalid',
    target('http://'),
  ),
  refused('an absolute target with a bad port', '3986 §3.2.3: a port is digits', target('http://b:8a/x')),
  refused(
    'an absolute target whose port is too large',
    '3986 §3.2.3, TCP: ports end at 65535',
    target('http://b:99999/x'),
  ),
  refused(
    'an absolute target whose host has a space in percent form',
    '9110 §4.2.1, 3986 §3.2.2',
    target('http://b%20c/x'),
    400,
  ),
  refused('a scheme without a name', targetForm, target('://b/x')),
  refused('a scheme without slashes', targetForm, target('http:b/x')),
  refused('a script for a target', targetForm, target('javascript:alert(1)')),
  refused('an authority for GET', '9112 §3.2.3: only CONNECT has it', target('b:443')),
  accepted('OPTIONS for the whole server', '9112 §3.2.4', line('OPTIONS * HTTP/1.1'), [{ method: 'OPTIONS' }]),
  refused('an asterisk for GET', '9112 §3.2.4: only OPTIONS has it', target('*')),
  refused('an asterisk and more', '9112 §3.2.4', line('OPTIONS *a HTTP/1.1')),
  either(
    'CONNECT',
    '9110 §9.3.6: an origin server may refuse it, or have it handled; what follows is no HTTP',
    `${line('CONNECT b:443 HTTP/1.1')}${smuggled}`,
    [400, 405, 501],
    [{ method: 'CONNECT', url: 'b:443' }],
    { closes: true },
  ),
  refused('CONNECT with a path', '9112 §3.2.3: CONNECT has an authority', line('CONNECT /a HTTP/1.1'), [400, 405, 501]),
  refused('CONNECT without a port', '9112 §3.2.3: the port must be there', line('CONNECT b HTTP/1.1'), [400, 405, 501]),
  accepted(
    'a target as long as may be',
    '9112 §3: 8000 bytes at least; here as it was set',
    target(`/${'a'.repeat(limits.url - 1)}`),
    [{ url: `/${'a'.repeat(limits.url - 1)}` }],
    { profile: 'limits' },
  ),
  refused('a target that is one byte too long', '9110 §15.5.15', target(`/${'a'.repeat(limits.url)}`), 414, {
    profile: 'limits',
  }),
  accepted('a target of 8000 bytes', '9112 §3: at least 8000 bytes should be taken', target(`/${'a'.repeat(7999)}`), [
    {},
  ]),
  refused('a target of a megabyte', '9110 §15.5.15', () => target(`/${'a'.repeat(1e6)}`), [414, 431]),
  refused('a target without end', '9110 §15.5.15', () => `GET /${'a'.repeat(300_000)}`, [414, 431]),
  refused(
    'an absolute target that is too long',
    '9110 §15.5.15',
    () => target(`http://${'b'.repeat(300_000)}/`),
    [400, 414, 431],
  ),

  // Version
  accepted('HTTP/1.0', '9110 §2.5', version('HTTP/1.0'), [get], { closes: true }),
  either(
    'HTTP/1.2',
    '9110 §2.5: a higher minor version is treated as the highest known; 505 may be',
    version('HTTP/1.2'),
    [400, 505],
    [get],
  ),
  either(
    'HTTP/1.9',
    '9110 §2.5: a higher minor version is treated as the highest known; 505 may be',
    version('HTTP/1.9'),
    [400, 505],
    [get],
  ),
  refused('HTTP/0.9', major, version('HTTP/0.9'), [400, 505]),
  refused('HTTP/2.0', major, version('HTTP/2.0'), [400, 505]),
  refused('HTTP/3.0', major, version('HTTP/3.0'), [400, 505]),
  refused('HTTP/9.9', major, version('HTTP/9.9'), [400, 505]),
  refused('HTTP/1', versionForm, version('HTTP/1')),
  refused('HTTP/1.', versionForm, version('HTTP/1.')),
  refused('HTTP/.1', versionForm, version('HTTP/.1')),
  refused('HTTP/11', versionForm, version('HTTP/11')),
  refused('HTTP/1.10', versionForm, version('HTTP/1.10')),
  refused('HTTP/01.1', versionForm, version('HTTP/01.1')),
  refused('HTTP/1.01', versionForm, version('HTTP/1.01')),
  refused('HTTP/1,1', versionForm, version('HTTP/1,1')),
  refused('HTTP/-1.1', versionForm, version('HTTP/-1.1')),
  refused('HTTP/+1.1', versionForm, version('HTTP/+1.1')),
  refused('HTTP/1.1x', versionForm, version('HTTP/1.1x')),
  refused('HTTP/1 .1', versionForm, version('HTTP/1 .1')),
  refused('http/1.1 in lower case', versionForm, version('http/1.1')),
  refused('HTTPS/1.1', versionForm, version('HTTPS/1.1')),
  refused('HTP/1.1', versionForm, version('HTP/1.1')),
  refused('1.1', versionForm, version('1.1')),
  refused('HTTP/1.1 with digits beyond ASCII', versionForm, version('HTTP/\xb9.\xb9')),
  refused('a NUL in the version', versionForm, version('HTTP/1.1\0')),

  // What ends the line
  refused('a lone LF behind the request line', lineEnds, 'GET / HTTP/1.1\nHost: a\r\n\r\n'),
  refused('lone LFs everywhere', lineEnds, 'GET / HTTP/1.1\nHost: a\n\n'),
  refused('a lone CR behind the request line', lineEnds, 'GET / HTTP/1.1\rHost: a\r\n\r\n'),
  refused('lone CRs everywhere', lineEnds, 'GET / HTTP/1.1\rHost: a\r\r'),
  refused('two CRs behind the request line', lineEnds, 'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n'),
  refused('LF CR behind the request line', lineEnds, 'GET / HTTP/1.1\n\rHost: a\r\n\r\n'),
  refused('a smuggled line in the target', lineEnds, target('/\rHTTP/1.1\rX: y')),

  // Other protocols
  refused('a TLS handshake', '9112 §3', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  refused('the greeting of SSH', '9112 §3', 'SSH-2.0-OpenSSH_9.2\r\n'),
  refused('a SOCKS5 greeting', '9112 §3', '\x05\x01\x00'),
  refused(
    'the PROXY protocol',
    '9112 §3',
    `PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n${line('GET / HTTP/1.1')}`,
    [400, 405, 501],
  ),
  refused(
    'the PROXY protocol, version 2',
    '9112 §3',
    `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\0\x50\0\x51${line('GET / HTTP/1.1')}`,
  ),
  refused(
    'the answer of another server',
    '9112 §3: a server parses requests only',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    [400, 405, 501],
  ),
  refused('a command of Redis', '9112 §3', '*1\r\n$4\r\nPING\r\n'),
  refused('SMTP', '9112 §3', 'EHLO example.test\r\nMAIL FROM:<a@b>\r\n', [400, 405, 501]),
  refused('a JSON document', '9112 §3', '{"GET":"/"}\r\n\r\n'),
  refused(
    'all bytes from 0 to 255',
    '9112 §3',
    Array.from({ length: 256 }, (_none, byte) => String.fromCharCode(byte)).join(''),
  ),
];

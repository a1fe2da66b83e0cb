// Host: exactly one, and what it may say.
const { accepted, either, get, lines, refused } = require('./entry.cjs');

const one = '9112 §3.2: a request of HTTP/1.1 has exactly one Host, else 400';
const form = '9112 §3.2 and 9110 §7.2: an invalid Host gets 400; it is a host and an optional port';

const host = (value) => lines('GET / HTTP/1.1', `Host: ${value}`);
const valid = (name, value) => accepted(name, form, host(value), [{ ...get, headers: { host: value } }]);
const invalid = (name, value) => refused(name, form, host(value));

module.exports = [
  refused('no Host', one, lines('GET / HTTP/1.1')),
  refused('no Host but other headers', one, lines('GET / HTTP/1.1', 'X: y')),
  refused('two Hosts', one, lines('GET / HTTP/1.1', 'Host: a', 'Host: b')),
  refused('two Hosts that are the same', one, lines('GET / HTTP/1.1', 'Host: a', 'Host: a')),
  refused('two Hosts, one of them empty', one, lines('GET / HTTP/1.1', 'Host: a', 'Host:')),
  refused('two Hosts in different case', one, lines('GET / HTTP/1.1', 'Host: a', 'hOsT: b')),
  refused('an absolute target and no Host', one, lines('GET http://a/ HTTP/1.1')),
  refused('an absolute target and two Hosts', one, lines('GET http://a/ HTTP/1.1', 'Host: a', 'Host: b')),
  refused('a Host in an encoded name', one, lines('GET / HTTP/1.1', 'Ho%73t: a')),
  accepted('HTTP/1.0 without Host', '9112 §3.2: only 1.1 must have it', lines('GET / HTTP/1.0'), [get], {
    closes: true,
  }),
  refused(
    'HTTP/1.0 with two Hosts',
    '9112 §3.2: any request with more than one',
    lines('GET / HTTP/1.0', 'Host: a', 'Host: b'),
  ),
  refused('HTTP/1.0 with an invalid Host', form, lines('GET / HTTP/1.0', 'Host: a b')),
  either('an empty Host', '9110 §7.2: it is empty when the target URI has no authority', host(''), 400, [get]),
  valid('a Host with a port', 'a:80'),
  valid('a Host of IPv4', '127.0.0.1'),
  valid('a Host of IPv6', '[::1]'),
  valid('a Host of IPv6 with a port', '[::1]:8080'),
  valid('a Host with a dash, a dot and an underscore', 'a-b.c_d.test'),
  either('a Host with an empty port', '3986 §3.2.3: a port may be empty', host('a:'), 400, [get]),
  either('a Host with percent signs', '3986 §3.2.2: a registered name may have them', host('a%2db'), 400, [get]),
  invalid('a list of Hosts', 'a, b'),
  invalid('a list of Hosts without a space', 'a,b@c'),
  invalid('a space in Host', 'a b'),
  invalid('a tab in Host', 'a\tb'),
  invalid('a path in Host', 'a/b'),
  invalid('a backslash in Host', 'a\\b'),
  invalid('a name and password in Host', 'u:p@a'),
  invalid('an @ in Host', 'a@b'),
  invalid('a query in Host', 'a?b'),
  invalid('a fragment in Host', 'a#b'),
  invalid('a URL in Host', 'http://a'),
  invalid('a port of letters in Host', 'a:b'),
  invalid('a port that is too large in Host', 'a:99999'),
  invalid('a negative port in Host', 'a:-1'),
  invalid('two ports in Host', 'a:80:80'),
  invalid('only a port in Host', ':80'),
  invalid('IPv6 without brackets in Host', '::1'),
  invalid('IPv6 with one bracket in Host', '[::1'),
  invalid('something that is no address in brackets in Host', '[a]'),
  invalid('an angle bracket in Host', '<a>'),
  invalid('a quote in Host', '"a"'),
  invalid('Latin-1 in Host', '\xe4'),
  invalid('UTF-8 in Host', '\xc3\xa4.test'),
];

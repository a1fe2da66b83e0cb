// The words in which the corpus is written. Bytes are strings of Latin-1: one character, one byte.

/**
 * What may come of one entry; an entry with several is content with any of them.
 *
 * @typedef {object} Outcome
 * @property {number[][]} answers - the allowed statuses of each response, in order; there are no others. A response that
 * may be missing has 0 among its statuses
 * @property {boolean} closes - whether the server ends the connection. When it does, what follows is never looked at
 * @property {{ method?: string, url?: string, body?: string, headers?: Record<string, string | null> }[]} handled - the
 * requests that the handler has got whole, in order; there are no others. A header that is null must not be there
 * @property {boolean} [halfHandled] - the handler may have got one more, whose body could not be read
 * @property {boolean} [continues] - whether `100 Continue` comes first
 *
 * @typedef {object} Entry
 * @property {string} name - unique
 * @property {string} rule - the section of the RFC from which the outcome follows, and what it says
 * @property {string | (() => string)} bytes
 * @property {'plain' | 'limits'} profile - the server's options: see `limits.cjs`
 * @property {Outcome[]} outcomes
 * @property {boolean} ends - the client says that it will send no more (it shuts down its side)
 */

const get = { method: 'GET', url: '/' };

/** Adds to an entry: what goes before the interesting part is not repeated a hundred times. */
function entry(name, rule, bytes, outcomes, { profile = 'plain', ends = false } = {}) {
  return { name, rule, bytes, outcomes, profile, ends };
}

const refusal = (status, before = []) => ({
  answers: [...before.map(() => [200]), [status].flat()],
  closes: true,
  handled: before,
});

const success = (handled = [get], extra = {}) => ({
  answers: handled.map(() => [200]),
  closes: false,
  handled,
  ...extra,
});

/** The request is refused with that status (or one of them), the handler never sees it, the connection is closed. */
function refused(name, rule, bytes, status = 400, options = {}) {
  return entry(name, rule, bytes, [refusal(status, options.before)], options);
}

/** Refused when the server comes to the body: the handler may have begun, but nobody gets a whole body. */
function bodyRefused(name, rule, bytes, status = 400, options = {}) {
  return entry(name, rule, bytes, [{ ...refusal(status, options.before), halfHandled: true }], options);
}

/** Each of the requests gets to the handler as it says, and the connection goes on. */
function accepted(name, rule, bytes, handled, options = {}) {
  const { closes = false, continues } = options;
  return entry(name, rule, bytes, [success(handled, { closes, continues })], options);
}

/** The RFC leaves it to the server, and both are safe: refuse, or let the handler have exactly these requests. */
function either(name, rule, bytes, status, handled, options = {}) {
  const taken = success(handled, { closes: options.closes ?? false });
  return entry(name, rule, bytes, [{ ...refusal(status), halfHandled: options.halfHandled }, taken], options);
}

/** A client that goes away in the middle: it gets nothing, or a refusal. */
function cut(name, rule, bytes, options = {}) {
  const outcome = { answers: [[0, 400, 408]], closes: true, handled: [], halfHandled: true };
  return entry(name, rule, bytes, [outcome], { ...options, ends: true });
}

const lines = (...all) => `${all.join('\r\n')}\r\n\r\n`;

/** A GET with these header lines besides Host. */
const withHeaders = (...headers) => lines('GET / HTTP/1.1', 'Host: a', ...headers);

/** A POST with these header lines besides Host, and what follows them. */
const post = (headers, body = '') => lines('POST / HTTP/1.1', 'Host: a', ...headers) + body;

/** What a request in the body or behind a refused one would be: it must never run. */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

module.exports = {
  accepted,
  bodyRefused,
  cut,
  either,
  entry,
  get,
  lines,
  post,
  refusal,
  refused,
  smuggled,
  withHeaders,
};

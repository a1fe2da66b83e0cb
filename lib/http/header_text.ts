/** What a header's name means to those who frame messages. */
export type HeaderKind = 'other' | 'content-length' | 'transfer-encoding' | 'connection' | 'date' | 'content-type';

/** A header's name, checked. */
export interface HeaderName {
  readonly lower: string;
  readonly kind: HeaderKind;
}

const kinds: readonly string[] = ['content-length', 'transfer-encoding', 'connection', 'date', 'content-type'];

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const notInValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Names come from programs, which have few. */
const mostNames = 1024;
const names = new Map<string, HeaderName>();

/** Checks a header's name. Throws `ERR_INVALID_HTTP_TOKEN`, as Node does. */
export function headerName(name: string, what = 'Header name'): HeaderName {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (typeof name !== 'string' || !token.test(name)) {
    throw Object.assign(new TypeError(`${what} must be a valid HTTP token [${JSON.stringify(name)}]`), {
      code: 'ERR_INVALID_HTTP_TOKEN',
    });
  }
  const lower = name.toLowerCase();
  const made: HeaderName = { lower, kind: kinds.includes(lower) ? (lower as HeaderKind) : 'other' };
  if (names.size < mostNames) names.set(name, made);
  return made;
}

/** Checks a header's value and gives it as text. Throws `ERR_INVALID_CHAR`, as Node does. */
export function headerValue(name: string, value: unknown, what = 'header content'): string {
  const text = typeof value === 'string' ? value : String(value);
  if (value === undefined || notInValue.test(text)) {
    const code = value === undefined ? 'ERR_HTTP_INVALID_HEADER_VALUE' : 'ERR_INVALID_CHAR';
    throw Object.assign(new TypeError(`Invalid character in ${what} ["${name}"]`), { code });
  }
  return text;
}

const notInReason = /[^\t\x20-\x7e\x80-\xff]/;

/** Checks what stands behind the status in a response's first line. */
export function reasonPhrase(text: string): string {
  if (typeof text !== 'string' || notInReason.test(text)) {
    throw Object.assign(new TypeError('Invalid character in statusMessage'), { code: 'ERR_INVALID_CHAR' });
  }
  return text;
}

import { invalidType } from '../validate';
import { headerName, headerValue } from './header_text';

/** What headers can be made from. */
export type HeadersLike =
  | Headers
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Entry {
  /** As it was given, for the wire. */
  name: string;
  value: string;
  /** Set-Cookie only, which must not be joined. */
  several: string[] | null;
}

/**
 * Headers, as the web's `Headers`: names are found in any case, several values of one name are joined by `, `, and
 * iteration gives lower-case names in order. Names and values are checked when they are put in.
 * @example
 * ```ts
 * import { Headers } from 'verdant/http';
 *
 * const headers = new Headers({ 'Content-Type': 'text/plain' });
 * headers.append('Accept', 'text/html');
 * headers.append('accept', 'text/css');
 * console.log(headers.get('ACCEPT'), [...headers.keys()]); // text/html, text/css [ 'accept', 'content-type' ]
 * ```
 */
export class Headers {
  #entries = new Map<string, Entry>();
  /** What has come from the wire, until somebody looks at it. */
  #wire: string | null = null;

  /**
   * @param init - other headers, pairs, or an object; an array as a value stands for several headers
   * @throws `ERR_INVALID_HTTP_TOKEN`, `ERR_INVALID_CHAR`, `ERR_INVALID_ARG_TYPE`
   */
  constructor(init?: HeadersLike) {
    if (init !== undefined) this.#fill(init);
  }

  /** @internal From a parsed message: `name:value` and a line feed each. */
  static fromWire(text: string): Headers {
    const headers = new Headers();
    headers.#wire = text;
    return headers;
  }

  #fill(init: HeadersLike): void {
    if (typeof init !== 'object' || init === null) throw invalidType('init', 'headers', init);
    for (const [name, value] of headerPairs(init)) this.append(name, value);
  }

  #map(): Map<string, Entry> {
    const wire = this.#wire;
    if (wire === null) return this.#entries;
    this.#wire = null;
    for (const [name, value] of wirePairs(wire)) this.#add(name, name.toLowerCase(), value);
    return this.#entries;
  }

  #add(name: string, lower: string, value: string): void {
    const known = this.#entries.get(lower);
    if (known === undefined) {
      this.#entries.set(lower, { name, value, several: lower === 'set-cookie' ? [value] : null });
      return;
    }
    known.several?.push(value);
    known.value += (lower === 'cookie' ? '; ' : ', ') + value;
  }

  /** The value of that name; null if there is none. */
  get(name: string): string | null {
    return this.#map().get(headerName(name).lower)?.value ?? null;
  }

  /** Whether there is a header of that name. */
  has(name: string): boolean {
    return this.#map().has(headerName(name).lower);
  }

  /** Puts a value in the place of all there are. */
  set(name: string, value: string): void {
    const { lower } = headerName(name);
    const text = trim(headerValue(name, value));
    this.#map().set(lower, { name, value: text, several: lower === 'set-cookie' ? [text] : null });
  }

  /** Adds a value to those there are. */
  append(name: string, value: string): void {
    const { lower } = headerName(name);
    this.#map();
    this.#add(name, lower, trim(headerValue(name, value)));
  }

  /** Removes all values of that name. */
  delete(name: string): void {
    this.#map().delete(headerName(name).lower);
  }

  /** The values of all Set-Cookie headers. */
  getSetCookie(): string[] {
    return [...(this.#map().get('set-cookie')?.several ?? [])];
  }

  /** Calls `callback(value, name, headers)` for each. */
  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  /** Names and values, in the order of the names. */
  *entries(): Generator<[string, string], void, undefined> {
    const map = this.#map();
    for (const lower of [...map.keys()].sort()) {
      const entry = map.get(lower);
      if (entry === undefined) continue;
      if (entry.several === null) yield [lower, entry.value];
      else for (const value of entry.several) yield [lower, value];
    }
  }

  /** The names, in order. */
  *keys(): Generator<string, void, undefined> {
    for (const [name] of this.entries()) yield name;
  }

  /** The values, in the order of the names. */
  *values(): Generator<string, void, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  /** As `entries`. */
  [Symbol.iterator](): Generator<[string, string], void, undefined> {
    return this.entries();
  }

  /** @internal As they were put in: for the wire. */
  *raw(): Generator<[string, string], void, undefined> {
    for (const { name, value, several } of this.#map().values()) {
      if (several === null) yield [name, value];
      else for (const one of several) yield [name, one];
    }
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Headers', configurable: true });
  }
}

/** The pairs of whatever headers can be made from; nothing is checked. */
export function* headerPairs(init: HeadersLike): Generator<[string, string], void, undefined> {
  if (init instanceof Headers) {
    yield* init.raw();
  } else if (Symbol.iterator in init) {
    for (const pair of init as Iterable<readonly [string, string]>) {
      const [name, value] = pair;
      yield [name, value];
    }
  } else {
    for (const name of Object.keys(init)) {
      const value = init[name];
      if (Array.isArray(value)) for (const one of value as readonly string[]) yield [name, one];
      else if (value !== undefined) yield [name, value as string];
    }
  }
}

/** The headers of a parsed message, as they came. */
export function* wirePairs(text: string): Generator<[string, string], void, undefined> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const colon = text.indexOf(':', at);
    yield [text.slice(at, colon), text.slice(colon + 1, end)];
    at = end + 1;
  }
}

function trim(value: string): string {
  return value.replace(/^[\t ]+|[\t ]+$/g, '');
}

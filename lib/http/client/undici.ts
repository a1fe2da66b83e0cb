import { createRequire } from 'node:module';

// eslint-disable-next-line @typescript-eslint/consistent-type-imports -- the module as a whole has no name to import
type Undici = typeof import('undici');

let loaded: Undici | null = null;

/**
 * The undici of this package, loaded at the first request: a server that asks nobody need not have it. Node's own `fetch` is
 * another undici, of another version on every Node; the two do not take each other's dispatchers.
 */
export function undici(): Undici {
  loaded ??= createRequire(__filename)('undici') as Undici;
  return loaded;
}

import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { at } from './paths.mjs';

/** Files below native/ with one of the extensions, as absolute paths in a fixed order. */
export function nativeFiles(...extensions) {
  return readdirSync(at('native'), { recursive: true })
    .filter((file) => extensions.includes(extname(file)))
    .sort()
    .map((file) => join(at('native'), file));
}

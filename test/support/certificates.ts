// The certificates in certificates/, made once by generate.sh: no test needs OpenSSL's program or a clock of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function pem(name: string): string {
  return readFileSync(join(__dirname, 'certificates', `${name}.pem`), 'utf8');
}

function pair(name: string): { key: string; cert: string } {
  return { key: pem(`${name}.key`), cert: pem(name) };
}

/** Has signed all but `stranger`. */
export const ca = pem('authority');

/** For `localhost`, `127.0.0.1` and `::1`. */
export const server = pair('server');

/** For `other.test` and all names right below it. */
export const other = pair('other');

/** A client's. */
export const client = pair('client');

/** For `localhost` and `127.0.0.1`, signed by itself. */
export const stranger = pair('stranger');

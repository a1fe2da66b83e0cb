import { VerdantError } from '../../errors';
import { headerName, headerValue } from '../header_text';
import { type OutgoingValue } from './server_response';

/** Trailers as `addTrailers` takes them: an object, or pairs. */
export type OutgoingTrailers =
  Readonly<Record<string, OutgoingValue | undefined>> | readonly (readonly [string, OutgoingValue])[];

/** The lines of trailers; what cannot be one is refused as Node does, and what would frame the message, too. */
export function trailerLines(trailers: OutgoingTrailers): string {
  const pairs = Array.isArray(trailers) ? (trailers as [string, unknown][]) : Object.entries(trailers);
  let lines = '';
  for (const [name, value] of pairs) {
    const { kind } = headerName(name, 'Trailer name');
    if (kind === 'content-length' || kind === 'transfer-encoding') {
      throw new VerdantError('ERR_VERDANT_HTTP_FRAMING', `Not possible behind a body: ${name}`);
    }
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      lines += `${name}: ${headerValue(name, one, 'trailer content')}\r\n`;
    }
  }
  return lines;
}

import { STATUS_CODES } from 'node:http';
import { VerdantError } from '../../errors';
import { headerName, headerValue } from '../header_text';
import { headerPairs, type HeadersLike } from '../headers';

/** The headers of an answer as text, and what they say about framing, which is the server's business. */
export interface Head {
  /** The lines, without those about framing. */
  text: string;
  /** What Content-Length was given; -1 for none. */
  length: number;
  /** `Connection: close` was given. */
  close: boolean;
  /** `Transfer-Encoding: chunked` was given. */
  chunked: boolean;
  hasDate: boolean;
  hasType: boolean;
}

export function emptyHead(): Head {
  return { text: '', length: -1, close: false, chunked: false, hasDate: false, hasType: false };
}

/** Adds a header. Throws for one that could be understood as something else: `ERR_INVALID_HTTP_TOKEN`, `ERR_INVALID_CHAR`. */
export function addHeader(head: Head, name: string, given: unknown): void {
  const { kind } = headerName(name);
  const value = headerValue(name, given);
  if (kind !== 'other' && !addSpecial(head, kind, value)) return;
  head.text += `${name}: ${value}\r\n`;
}

// False for one that the server writes itself.
function addSpecial(head: Head, kind: string, value: string): boolean {
  switch (kind) {
    case 'content-length':
      head.length = contentLength(value);
      return false;
    case 'transfer-encoding':
      if (value.toLowerCase() !== 'chunked') {
        throw new VerdantError('ERR_VERDANT_HTTP_FRAMING', `A Transfer-Encoding other than chunked: ${value}`);
      }
      head.chunked = true;
      return false;
    case 'connection':
      if (/\bclose\b/i.test(value)) head.close = true;
      return !/^(close|keep-alive)$/i.test(value);
    case 'date':
      head.hasDate = true;
      return true;
    default:
      head.hasType = true;
      return true;
  }
}

function contentLength(value: string): number {
  const length = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(length)) {
    throw new VerdantError('ERR_VERDANT_HTTP_CONTENT_LENGTH', `A Content-Length that is no number of bytes: ${value}`);
  }
  return length;
}

/** Adds all headers that were given. */
export function addHeaders(head: Head, init: HeadersLike): void {
  for (const [name, value] of headerPairs(init)) addHeader(head, name, value);
}

const statusLines: (string | undefined)[] = [];

/** The first line of an answer. */
export function statusLine(status: number, reason: string): string {
  if (reason !== '') return `HTTP/1.1 ${status} ${reason}\r\n`;
  return (statusLines[status] ??= `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`);
}

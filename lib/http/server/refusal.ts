import { STATUS_CODES } from 'node:http';

/**
 * The whole answer to a request that never reaches a handler; the connection ends with it.
 * @param bare - the body stays out: the request is a HEAD
 */
export function refusal(status: number, reason: string, bare: boolean): Buffer {
  const phrase = STATUS_CODES[status] ?? 'Error';
  const body = `${reason === '' ? phrase : reason}\n`;
  return Buffer.from(
    `HTTP/1.1 ${status} ${phrase}\r\nDate: ${new Date().toUTCString()}\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${bare ? '' : body}`,
  );
}

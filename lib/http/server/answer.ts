import { VerdantError } from '../../errors';
import { type BodySource, bodySource } from '../body_source';
import { Response } from '../response';
import { type Exchange } from './exchange';
import { addHeader, addHeaders, emptyHead, type Head } from './head';

/** Sends what a handler has returned. Nothing has been sent yet when it throws for what is no answer. */
export function answer(exchange: Exchange, result: unknown): void {
  if (result instanceof Response) {
    answerWith(exchange, result);
  } else if (typeof result === 'string') {
    exchange.sendFixed(200, '', typed('text/plain; charset=utf-8'), result);
  } else if (result instanceof Uint8Array) {
    exchange.sendFixed(200, '', typed('application/octet-stream'), result);
  } else if (isWebResponse(result)) {
    answerWithWeb(exchange, result);
  } else {
    throw new VerdantError(
      'ERR_VERDANT_HTTP_NO_RESPONSE',
      'An HTTP handler must return a Response, a string or bytes, or take (request, response)',
    );
  }
}

function typed(mediaType: string): Head {
  const head = emptyHead();
  head.text = `Content-Type: ${mediaType}\r\n`;
  return head;
}

function answerWith(exchange: Exchange, response: Response): void {
  const head = emptyHead();
  if (response.rawHeaders !== undefined) addHeaders(head, response.rawHeaders);
  if (!head.hasType && !response.headersSeen) {
    const { mediaType } = response;
    if (mediaType !== undefined) addHeader(head, 'Content-Type', mediaType);
  }
  send(exchange, response.status, response.statusText, head, bodySource(response.takeContent()));
}

function isWebResponse(value: unknown): value is globalThis.Response {
  if (value instanceof globalThis.Response) return true;
  const like = value as Partial<globalThis.Response> | null | undefined;
  return typeof like === 'object' && like !== null && typeof like.status === 'number' && isHeaders(like.headers);
}

function isHeaders(value: unknown): boolean {
  return typeof (value as { entries?: unknown } | undefined)?.entries === 'function';
}

function answerWithWeb(exchange: Exchange, response: globalThis.Response): void {
  const head = emptyHead();
  for (const [name, value] of response.headers.entries()) addHeader(head, name, value);
  if (response.bodyUsed) throw new VerdantError('ERR_VERDANT_HTTP_BODY_USED', "The response's body was read already");
  // What fetch() has decoded says still how it was encoded; whoever passes it on must see to that.
  send(exchange, response.status, response.statusText, head, bodySource(response.body));
}

function send(exchange: Exchange, status: number, reason: string, head: Head, body: BodySource): void {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    exchange.sendFixed(status, reason, head, body);
    return;
  }
  exchange.startStream(status, reason, head);
  if (exchange.bare) {
    body[Symbol.iterator]().return?.(); // nobody reads it: its source is let go of
  } else {
    for (const piece of body) exchange.write(piece);
  }
  exchange.finishStream();
}

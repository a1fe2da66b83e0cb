import { Readable } from 'node:stream';
import { iterate } from '../bridge/iterate';
import { invalidType } from '../validate';
import { toBytes } from '../net/socket';

/** What the body of a response may be. Text goes out as UTF-8; pieces of an iterable are text or bytes. */
export type BodyInit =
  | string
  | ArrayBufferView
  | ArrayBuffer
  | Iterable<string | ArrayBufferView | ArrayBuffer>
  | AsyncIterable<string | ArrayBufferView | ArrayBuffer>
  | ReadableStream<Uint8Array>
  | URLSearchParams
  | Blob
  | null
  | undefined;

/** A body in the shape in which it is sent: at once, or piece by piece. */
export type BodySource = string | Uint8Array | Iterable<unknown> | undefined;

/** What is to be sent for `body`; a stream becomes something to iterate over in blocking style. */
export function bodySource(body: unknown): BodySource {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body === null || body === undefined) return undefined;
  if (typeof body !== 'object') throw invalidType('body', 'text, bytes, an iterable or a stream', body);
  if (ArrayBuffer.isView(body) || Object.prototype.toString.call(body) === '[object ArrayBuffer]') {
    return toBytes(body, 'body');
  }
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof Blob) return iterate(body.stream() as unknown as AsyncIterable<unknown>);
  if (Symbol.asyncIterator in body) return iterate(body as AsyncIterable<unknown>);
  if (Symbol.iterator in body) return body as Iterable<unknown>;
  if (body instanceof Readable) return iterate(body);
  throw invalidType('body', 'text, bytes, an iterable or a stream', body);
}

/** The media type that goes without saying. */
export function mediaTypeOf(body: unknown): string | undefined {
  if (typeof body === 'string') return 'text/plain;charset=UTF-8';
  if (body instanceof URLSearchParams) return 'application/x-www-form-urlencoded;charset=UTF-8';
  if (body instanceof Blob && body.type !== '') return body.type;
  return undefined;
}

/** The bytes of one piece of a body. */
export function pieceBytes(piece: unknown): Uint8Array {
  return toBytes(piece, 'chunk');
}

import { Blob } from 'node:buffer';
import { type ReadableStream } from 'node:stream/web';
import { types } from 'node:util';
import { invalidType } from '../../validate';
import { undici } from './undici';
import { Upload } from './upload';

/**
 * What a request may send. An iterable may block in its `next()`: it runs on a green thread of its own, as fast as the other
 * side takes its chunks, and is closed when the request ends early.
 */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | DataView
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | null
  | undefined;

/** A body as undici takes it. */
export interface PreparedBody {
  body: unknown;
  /** To be stopped when the request is over. */
  upload: Upload | null;
  /** The Content-Type that goes with it, if undici does not say it itself. */
  type: string | null;
}

/** @param web - for undici's `fetch`, which has more ways to take a body */
export function prepareBody(body: RequestBody, web: boolean): PreparedBody {
  if (body === null || body === undefined) return { body: undefined, upload: null, type: null };
  if (typeof body === 'string') return { body, upload: null, type: null };
  if (typeof body !== 'object') throw invalidType('options.body', bodies, body);
  if (ArrayBuffer.isView(body)) {
    return { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength), upload: null, type: null };
  }
  if (types.isAnyArrayBuffer(body)) return { body: Buffer.from(body), upload: null, type: null };
  if (isUrlSearchParams(body)) {
    if (web) return { body, upload: null, type: null };
    return { body: body.toString(), upload: null, type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (isFormData(body)) return { body: ownFormData(body), upload: null, type: null };
  if (body instanceof Blob || Symbol.asyncIterator in body) return { body, upload: null, type: null };
  if (Symbol.iterator in body) {
    const upload = new Upload(body);
    return { body: upload, upload, type: null };
  }
  throw invalidType('options.body', bodies, body);
}

const bodies = 'text, bytes, a Blob, FormData, URLSearchParams, or an iterable of text or bytes';

function isUrlSearchParams(body: object): body is URLSearchParams {
  return Object.prototype.toString.call(body) === '[object URLSearchParams]';
}

function isFormData(body: object): body is FormData {
  return Object.prototype.toString.call(body) === '[object FormData]';
}

// The global FormData is that of Node's own undici, and ours knows no others than its own.
function ownFormData(form: FormData): object {
  const { FormData: Own } = undici();
  if (form instanceof Own) return form;
  const own = new Own();
  for (const [name, value] of form as unknown as Iterable<[string, string | Blob]>) {
    if (typeof value === 'string') own.append(name, value);
    else own.append(name, value);
  }
  return own;
}

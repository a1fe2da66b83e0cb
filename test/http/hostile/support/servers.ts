// The servers that the corpus is sent to.
import { type HttpServer, type Request, Response, serve, type ServeOptions } from 'verdant/http';
import limits from '../corpus/limits.cjs';
import { type Record } from './play.cjs';

/** By the name that entries give. */
export const profiles: { plain: ServeOptions; limits: ServeOptions } = {
  plain: {},
  limits: {
    maxUrlSize: limits.url,
    maxHeaders: limits.headerCount,
    maxHeaderSize: limits.headerBytes,
    maxBodySize: limits.body,
  },
};

/** A server that reads each request to its end, and notes what it has got. */
export function recordingServer(record: Record, options: ServeOptions): HttpServer {
  return serve(
    '127.0.0.1:0',
    (request: Request) => {
      record.running += 1;
      try {
        const body = request.bytes().toString('latin1');
        const headers = [...request.headers];
        record.handled.push({ method: request.method, url: request.target, body, headers });
        return new Response(request.target === '/control' ? 'control' : 'ok');
      } catch (error) {
        record.halfHandled += 1;
        throw error;
      } finally {
        record.running -= 1;
      }
    },
    options,
  );
}

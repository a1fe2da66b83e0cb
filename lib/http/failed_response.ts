import { STATUS_CODES } from 'node:http';
import { constants } from 'node:http2';
import { type NodeResponse } from './handler_form';

/**
 * What a client gets when the handler has failed: 500 if nothing was sent, else a connection that breaks, so that half an
 * answer is not taken for a whole one.
 */
export function answerFailure(response: NodeResponse): void {
  if (response.writableEnded || isDestroyed(response)) return;
  if (response.headersSent) {
    breakOff(response);
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = 500;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${STATUS_CODES[500]}\n`);
}

/** Whether nobody is there any more to be answered. */
export function isDestroyed(response: NodeResponse): boolean {
  return 'stream' in response ? response.stream.destroyed : response.destroyed;
}

function breakOff(response: NodeResponse): void {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

import { isThenable, wait } from '../../bridge/wait';
import { codeOf } from '../../errors';
import { HttpError } from '../http_error';
import { Response } from '../response';
import { type Request } from '../request';
import { answer } from './answer';
import { type Exchange } from './exchange';
import { emptyHead } from './head';
import { IncomingMessage } from './incoming_message';
import { type Handle } from './request_thread';
import { ServerResponse } from './server_response';

/** Answers a request by what it returns. It may be async, too: what it returns is waited for. */
export type WebHandler = (request: Request) => unknown;

/** Answers a request by its second argument, in the shapes of `node:http`. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What runs on a request's green thread. It never throws, but for what ends the green thread. */
export function handleWith(handler: WebHandler | NodeHandler): Handle {
  const work = handler.length >= 2 ? nodeStyle(handler as NodeHandler) : webStyle(handler as WebHandler);
  return (exchange) => {
    try {
      work(exchange);
    } catch (error) {
      failed(exchange, error);
    } finally {
      exchange.over();
    }
  };
}

function webStyle(handler: WebHandler): Handle {
  return (exchange) => {
    let result = handler(exchange.request);
    if (!(result instanceof Response) && isThenable(result)) result = wait(result);
    if (!exchange.taken) answer(exchange, result);
  };
}

function nodeStyle(handler: NodeHandler): Handle {
  return (exchange) => {
    const request = new IncomingMessage(exchange);
    const response = new ServerResponse(exchange);
    exchange.incoming = request;
    exchange.outgoing = response;
    const result = handler(request, response);
    if (isThenable(result)) wait(result);
    if (!exchange.taken) response.waitForEnd();
  };
}

// A handler has thrown, or its answer could not be sent in whole.
function failed(exchange: Exchange, error: unknown): void {
  const { server } = exchange.connection;
  if (codeOf(error) === 'ERR_VERDANT_HTTP_ABORTED' || exchange.gone) {
    server.counters.aborted += 1;
    return;
  }
  if (exchange.cut) return;
  const status = error === exchange.timeout ? 503 : statusOf(error);
  let instead: unknown;
  if (status >= 500) {
    server.counters.failed += 1;
    instead = server.report(error, exchange);
  }
  if (exchange.headSent || exchange.taken) return;
  try {
    if (instead === undefined) answerError(exchange, status, error);
    else answer(exchange, instead);
  } catch (second) {
    if (codeOf(second) !== 'ERR_VERDANT_HTTP_ABORTED') server.report(second, exchange);
  }
}

function statusOf(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

function answerError(exchange: Exchange, status: number, error: unknown): void {
  const head = emptyHead();
  head.text = 'Content-Type: text/plain; charset=utf-8\r\n';
  // What has gone wrong inside is nobody's business outside.
  const message =
    error instanceof HttpError ? error.message : status === 503 ? 'Service Unavailable' : 'Internal Server Error';
  exchange.sendFixed(status, '', head, `${message}\n`);
}

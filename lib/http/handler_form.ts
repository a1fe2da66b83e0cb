import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';

/** Node's response to a request, of `node:http`, `node:https` or `node:http2`. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Node's request, of the same. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** A middleware's last argument, as Express has it. */
export type Next = (error?: unknown) => void;

/**
 * The callback to go on with: `(req, res, next)`, and `(error, req, res, next)` for what handles errors, as in Express. A
 * hook of Fastify is given one (`(request, reply, done)`) even if it takes none, and is awaited then.
 * @param wanted - how many arguments the handler takes
 */
export function nextOf(args: readonly unknown[], wanted: number): Next | null {
  if (args.length < 3) return null;
  const at = isNodeResponse(args[2]) ? 3 : 2;
  if (typeof args[at] !== 'function' || (!isNodeResponse(args[at - 1]) && wanted <= at)) return null;
  return args[at] as Next;
}

/** Whether these are the arguments of a plain request listener, whose result and errors nobody looks at. */
export function isListenerCall(args: readonly unknown[]): boolean {
  return args.length === 2 && isNodeResponse(args[1]);
}

/** Node's response behind a handler's arguments: Node's own, Express', Fastify's or Koa's. */
export function responseOf(args: readonly unknown[]): NodeResponse | null {
  const [first, second, third] = args as [{ res?: unknown } | undefined, { raw?: unknown } | undefined, unknown];
  const candidates = [second, third, second?.raw, first?.res];
  return candidates.find(isNodeResponse) ?? null;
}

function isNodeResponse(value: unknown): value is NodeResponse {
  return typeof (value as Partial<NodeResponse> | null | undefined)?.writeHead === 'function';
}

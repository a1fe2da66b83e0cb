/**
 * HTTP in blocking style: a server on green sockets, `greenHandler` for servers of `node:http`, and clients.
 * @packageDocumentation
 */
export { type BodyInit } from './body_source';
export { Headers, type HeadersLike } from './headers';
export { HttpError, type HttpErrorOptions } from './http_error';
export { Request } from './request';
export { Response, type ResponseInit } from './response';
export { type AccessLog, type LineSink, type LogEntry, type Logger } from './server/access_log';
export { type NodeHandler, type WebHandler } from './server/handle';
export {
  type CloseOptions,
  type CloseReport,
  type CutRequest,
  HttpServer,
  type HttpServerStats,
} from './server/http_server';
export { IncomingMessage } from './server/incoming_message';
export { type ServeOptions } from './server/options';
export { type ListenOn, serve, type ServerListener } from './server/serve';
export { type OutgoingHeaders, type OutgoingValue, ServerResponse } from './server/server_response';
export { type OutgoingTrailers } from './server/trailers';
export { type AnyListener, SocketView } from './server/socket_view';
export { takeOver, type TakenConnection } from './upgrade';
export { greenHandler, type GreenHandlerOptions, type GreenHandlerResult } from './green_handler';
export { writeTo, type WritableLike } from './write_to';
export { fetch, type FetchOptions } from './client/fetch';
export { FetchResponse } from './client/fetch_response';
export { getDefaultClient, HttpClient, setDefaultClient } from './client/http_client';
export { type HttpClientOptions, type RequestLimits } from './client/client_options';
export { ClientResponse, request, type RequestHeaders, type RequestOptions } from './client/request';
export { type RequestBody } from './client/request_body';
export { ResponseBody } from './client/response_body';

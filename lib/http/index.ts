/**
 * HTTP in blocking style: a server, bridges for the frameworks, and clients.
 * @packageDocumentation
 */
export { greenHandler, type GreenHandlerOptions, type GreenHandlerResult } from './green_handler';
export { writeTo, type WritableLike } from './write_to';

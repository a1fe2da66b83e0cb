/**
 * WebSockets in blocking style, for servers and clients: RFC 6455 with compression (RFC 7692).
 * @packageDocumentation
 */
export { accept, type AcceptOptions } from './accept';
export { connect, type ConnectOptions } from './connect';
export { WebSocketError, WebSocketHandshakeError } from './errors';
export { type WebSocketCallback, type WebSocketHandler, webSocketHandler } from './handler';
export { type Message } from './inbox';
export { type CompressionOptions, type WebSocketOptions } from './limits';
export { type UpgradeRequest } from './upgrade_request';
export { type SendOptions, WebSocket, type WebSocketStatistics } from './web_socket';

import { type EventEmitter } from 'node:events';

/** Told when a frame has been handed to the system, or never will be. */
export type Sent = (error?: Error | null) => void;

/**
 * What is used of the library `ws`, which speaks the protocol: its WebSocket, open, on a Node stream. It tells by the events
 * `message`, `pong`, `error` (the other end broke a rule) and `close`, always on Node's own stack.
 */
export interface Protocol extends EventEmitter {
  readonly readyState: 0 | 1 | 2 | 3;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  readonly url: string;
  send(data: string | Buffer, options: { binary: boolean; compress: boolean }, sent: Sent): void;
  ping(data: Buffer, mask: undefined, sent: Sent): void;
  pong(data: Buffer, mask: undefined, sent: Sent): void;
  close(code: number, reason: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

export const connecting = 0;
export const open = 1;
export const closing = 2;
export const closed = 3;

/** The codes of RFC 6455, section 7.4.1, that are used by name here. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  noStatus: 1005,
  abnormal: 1006,
  invalidData: 1007,
  policy: 1008,
  tooBig: 1009,
  internalError: 1011,
} as const;

/** What the other end is told about an error of `ws`: it knows, but keeps it to itself. */
export function closeCodeOf(code: unknown): number {
  switch (code) {
    case 'WS_ERR_INVALID_UTF8':
      return closeCodes.invalidData;
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return closeCodes.tooBig;
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return closeCodes.policy;
    default:
      // zlib's errors: what was to be inflated was not deflated.
      return String(code).startsWith('Z_') ? closeCodes.invalidData : closeCodes.protocolError;
  }
}

/** Whether an endpoint may send it: what RFC 6455 and IANA's registry name, and the ranges for libraries and applications. */
export function isSendableCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
}

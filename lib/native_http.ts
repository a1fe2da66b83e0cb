/**
 * The HTTP server's part of the addon. A parser is a number from `httpOpen`; it is of use until `httpRelease`. What
 * `httpReceive`, `httpFeed` and `httpNext` have found stands in the words of `httpShareInfo`, see lib/http/parser.ts; they
 * give the request's head, as text, when it has just become complete: its target, a line feed, and `name:value` and a line
 * feed for each header.
 */
export interface NativeHttp {
  /** Why there is no parser; undefined if there is. */
  httpSupport(): string | undefined;
  httpShareInfo(words: Uint32Array): void;
  httpMethodName(method: number): string;
  httpOpen(url: number, headerBytes: number, headerCount: number, body: number): number;
  httpRelease(parser: number): void;
  /** Receives and parses. The head, or the number of bytes (0 at the end), or a negative errno. */
  httpReceive(parser: number, fd: number): string | number;
  /** Parses. */
  httpFeed(parser: number, bytes: Uint8Array): string | number;
  /** Turns to the next request. */
  httpNext(parser: number): string | number;
  /** What has come of the body, and nobody has taken. */
  httpTakeBody(parser: number): Buffer;
  httpBodySize(parser: number): number;
  /** The same as `httpTakeBody`, decoded; undefined if it is longer than a string may be. */
  httpTakeText(parser: number): string | undefined;
  httpDropBody(parser: number): void;
  httpTrailers(parser: number): string;
  /** What has come behind the present request. */
  httpTakePending(parser: number): Buffer;
  httpReason(parser: number): string;
  /** Receives and forgets. */
  httpDiscard(fd: number): number;
  /**
   * Sends an answer (or only composes it: `fd` -1). The number of bytes, or a Buffer of those that are still to be sent, or
   * a negative errno.
   */
  httpRespond(
    fd: number,
    statusLine: string,
    headers: string,
    body: string | Uint8Array | undefined,
    flags: number,
  ): number | Buffer;
}

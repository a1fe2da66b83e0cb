export interface RawResponse {
  status: number;
  reason: string | undefined;
  rawHeaders: [name: string, value: string][];
  /** By lower-case name; several are joined by a comma. */
  headers: Record<string, string | undefined>;
  framing: 'none' | 'length' | 'chunked' | 'close';
  bytes: Buffer;
  /** The same as Latin-1. */
  body: string;
  chunks?: number;
  trailers?: string[];
}

export interface Target {
  port?: number;
  host?: string;
  path?: string;
  /** Makes it a TLS connection. */
  ca?: string;
  servername?: string;
}

export class RawClient {
  static connect(target: Target): Promise<RawClient>;
  readonly received: Buffer;
  ended: boolean;
  closed: boolean;
  error: NodeJS.ErrnoException | null;
  readonly localPort: number;
  write(bytes: string | Buffer): void;
  deliver(pieces: Iterable<string | Buffer>, pause?: number): Promise<void>;
  end(): void;
  reset(): void;
  destroy(): void;
  pause(): void;
  resume(): void;
  response(options?: { method?: string; final?: boolean }): Promise<RawResponse>;
  bytes(count: number): Promise<string>;
  rest(): string;
  untilEnd(): Promise<string>;
  allResponses(methods?: string[]): Promise<RawResponse[]>;
}

export function parseResponse(
  bytes: Buffer,
  offset: number,
  method: string,
  ended: boolean,
): { response: RawResponse; next: number } | null;

/** Lets everybody see what has been sent so far. */
export function turns(count?: number): Promise<void>;

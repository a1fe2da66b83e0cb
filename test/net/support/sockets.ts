// Connected sockets, and what must be known of descriptors to test them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from 'verdant';
import { connect, listen, type Listener, type Socket } from 'verdant/net';

/** Both ends of a TCP connection: the one that connected, and the accepted one. */
export function tcpPair(): [Socket, Socket] {
  using listener = listen('127.0.0.1:0');
  const client = connect(listener.address);
  return [client, listener.accept()];
}

type Closable = { close(): void }[];

// The same type, but it says nothing about what `sockets` are: a callback may take fewer of them.
type Given<S extends Closable> = S extends infer T extends Closable ? T : never;

/** Closes all of them, whatever `use` does. */
export function using<S extends Closable, R>(sockets: readonly [...S], use: (...sockets: Given<S>) => R): R {
  try {
    return use(...(sockets as unknown as Given<S>));
  } finally {
    for (const socket of sockets) socket.close();
  }
}

/** A listener whose backlog is full: whoever connects to it waits. `filler` is what it is filled with. */
export function fullListener(): { listener: Listener; filler: Socket } {
  const listener = listen('127.0.0.1:0', { backlog: 0 });
  return { listener, filler: connect(listener.address) };
}

/** A port on which nobody listens. */
export function closedPort(): number {
  using listener = listen('127.0.0.1:0');
  return listener.address.port;
}

/** Fills a connection of Unix sockets until a send would wait; the number of bytes. */
export function fill(socket: Socket): number {
  const piece = Buffer.alloc(1 << 20, 'f');
  let total = 0;
  for (;;) {
    try {
      total += socket.send(piece, { timeout: 0 });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_VERDANT_TIMEOUT') throw error;
      return total;
    }
  }
}

/** Receives up to the end of the stream. */
export function recvAll(socket: Socket): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = socket.recv(); piece.byteLength > 0; piece = socket.recv()) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Lets every green thread that is ready, and those they wake, run until it waits. */
export function letOthersRun(): void {
  for (let round = 0; round < 4; round += 1) sleep(0);
}

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What open(2)'s flags are for the descriptor, as the kernel has them. */
export function flagsOf(fd: number): { closeOnExec: boolean; nonBlocking: boolean } {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  const flags = parseInt(/^flags:\s*(\d+)$/m.exec(text)![1]!, 8);
  return { closeOnExec: (flags & 0o2000000) !== 0, nonBlocking: (flags & 0o4000) !== 0 };
}

/** A socket option as somebody sees it who has nothing to do with verdant: a Python process that is given the socket. */
export function optionOf(fd: number, level: string, option: string): number {
  const program = `import socket as s; print(s.socket(fileno=3).getsockopt(s.${level}, s.${option}))`;
  return Number(
    execFileSync('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit', fd], encoding: 'utf8' }),
  );
}

/** A folder for the sockets of the file or `describe` it is called in. */
export function temporaryFolder(): (name: string) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'verdant-net-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return (name) => join(folder, name);
}

/** Machines without IPv6 exist (containers, mostly): what needs it is skipped there. */
export const testIPv6 = hasIPv6() ? test : test.skip;

function hasIPv6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8').includes('00000000000000000000000000000001');
  } catch {
    return process.platform !== 'linux';
  }
}

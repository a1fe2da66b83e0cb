// Random faults below TLS: whatever is cut off or flipped on the way, each end gets a prefix of what was sent, or an error, and ends.
import fc from 'fast-check';
import { type GreenThread, run, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { type Socket, socketPair } from 'verdant/net';
import { type TlsSocket, wrapTls } from 'verdant/tls';
import { ca, server } from '../support/certificates';

// A length that was flipped makes an end wait for bytes that never come.
const handshakeTimeout = 200;
const serverOptions = { ...server, isServer: true, handshakeTimeout } as const;

interface Fault {
  /** After so many bytes. */
  at: number;
  kind: 'close' | 'reset' | 'flip' | 'none';
}

/** Passes bytes on, in small pieces, up to the fault. */
function forward(from: Socket, to: Socket, { at, kind }: Fault): void {
  let passed = 0;
  try {
    for (let piece = from.recv(700); piece.byteLength > 0; piece = from.recv(700)) {
      const bytes = Buffer.from(piece);
      const hit = kind !== 'none' && passed <= at && at < passed + bytes.byteLength;
      if (hit && kind === 'flip') bytes[at - passed]! ^= 1;
      passed += bytes.byteLength;
      if (hit && kind !== 'flip') {
        to.sendAll(bytes.subarray(0, at - passed + bytes.byteLength));
        from.close({ reset: kind === 'reset' });
        break;
      }
      to.sendAll(bytes);
    }
    to.shutdown();
  } catch {
    from.close({ reset: true });
    to.close({ reset: true });
  }
}

/** Sends, and meanwhile receives, as much as it can. */
function exchange(socket: TlsSocket, data: Buffer): { received: Buffer; error: unknown } {
  const pieces: Buffer[] = [];
  let error: unknown = null;
  const sender = spawn(() => {
    try {
      socket.sendAll(data);
      socket.shutdown();
    } catch (thrown) {
      error ??= thrown;
    }
  });
  try {
    for (let piece = socket.recv(); piece.byteLength > 0; piece = socket.recv()) pieces.push(piece);
  } catch (thrown) {
    error ??= thrown;
  }
  if (error === null) sender.join();
  socket.close({ reset: error !== null });
  sender.join();
  return { received: Buffer.concat(pieces), error };
}

const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.nat({ max: 12_000 }),
  kind: fc.constantFrom('close' as const, 'reset' as const, 'flip' as const, 'none' as const),
});

test('a prefix arrives, or an error, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fault, fault, fc.nat({ max: 9000 }), async (there, back, length) => {
      const before = getHub().stats().greenThreads;
      const data = Buffer.alloc(length, 'abcdefghijklmnopqrstuvwxyz');
      const outcomes = await run(() => {
        const [left, leftEnd] = socketPair();
        const [rightEnd, right] = socketPair();
        const proxies: GreenThread[] = [
          spawn(() => forward(leftEnd, rightEnd, there)),
          spawn(() => forward(rightEnd, leftEnd, back)),
        ];
        const ends = [wrapTls(left, { ca, servername: 'localhost', handshakeTimeout }), wrapTls(right, serverOptions)];
        const exchanges = ends.map((end) => spawn(() => exchange(end, data)));
        const results = exchanges.map((each) => each.wait());
        leftEnd.close();
        rightEnd.close();
        for (const proxy of proxies) proxy.join();
        return results;
      });
      for (const { received, error } of outcomes) {
        expect(data.subarray(0, received.byteLength).equals(received)).toBe(true);
        if (there.kind === 'none' && back.kind === 'none') expect([received.byteLength, error]).toEqual([length, null]);
      }
      expect(getHub().stats().greenThreads).toBe(before);
    }),
    { numRuns: 150 },
  );
});

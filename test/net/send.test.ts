// send and sendAll: every kind of data, all of it, in order, and what is left when they are interrupted.
import { createHash } from 'node:crypto';
import { run, sleep, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { type Sendable, type Socket, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { onHub } from './support/hubs';
import { fill, letOthersRun, recvAll, tcpPair, using } from './support/sockets';

function hash(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

// Bytes that differ from place to place, so that what is lost, doubled or moved is seen.
function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, state = 1; at < size; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

const tenMegabytes = pattern(10_000_000);

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  describe.each<[string, () => [Socket, Socket]]>([
    ['TCP', tcpPair],
    ['Unix', socketPair],
  ])('%s', (kind, pair) => {
    // When TCP is full cannot be told: the kernel goes on making room for small pieces for seconds.
    const testFull = kind === 'Unix' ? test : test.skip;

    function connected(body: (near: Socket, far: Socket) => void): () => Promise<void> {
      return () => run(() => using(pair(), body));
    }

    test.each<[string, Sendable | Sendable[], Buffer]>([
      ['text as UTF-8', 'grün €', Buffer.from('grün €')],
      ['a Buffer', Buffer.from('buffer'), Buffer.from('buffer')],
      ['a part of an ArrayBuffer', new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4), Buffer.from([2, 3, 4])],
      ['an ArrayBuffer', new Uint8Array([9, 8]).buffer, Buffer.from([9, 8])],
      ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer, 1), Buffer.from([2, 3])],
      ['numbers as they lie in memory', new Uint16Array([0x0101, 0x0202]), Buffer.from([1, 1, 2, 2])],
      ['shared memory', new Uint8Array(new SharedArrayBuffer(2)).fill(7), Buffer.from([7, 7])],
      [
        'several pieces, empty ones among them',
        ['a', '', Buffer.alloc(0), 'b', new Uint8Array([67])],
        Buffer.from('abC'),
      ],
      ['no piece', [], Buffer.alloc(0)],
      ['empty pieces alone', ['', ''], Buffer.alloc(0)],
      ['nothing', '', Buffer.alloc(0)],
    ])('sendAll takes %s', (_what, data, expected) =>
      connected((near, far) => {
        near.sendAll(data);
        near.shutdown();
        expect(recvAll(far)).toEqual(expected);
      })(),
    );

    test.each([5, null, undefined, {}, ['x', 5], [['x']]])('sendAll refuses %p and sends nothing', (data) =>
      connected((near, far) => {
        expect(thrown(() => near.sendAll(data as Sendable))).toEqual(code('ERR_INVALID_ARG_TYPE'));
        near.shutdown();
        expect(recvAll(far)).toHaveLength(0);
      })(),
    );

    test(
      'send sends what fits, and tells how much',
      connected((near, far) => {
        const sent = near.send(tenMegabytes);
        expect(sent).toBeGreaterThan(0);
        expect(sent).toBeLessThan(tenMegabytes.length);
        expect(far.recvExactly(sent).equals(tenMegabytes.subarray(0, sent))).toBe(true);
        expect(near.send('')).toBe(0);
      }),
    );

    testFull(
      'send waits while nothing fits',
      connected((near, far) => {
        const before = fill(near);
        const sender = spawn(() => near.send('more'));
        letOthersRun();
        expect(sender.dead).toBe(false);
        far.recvExactly(before);
        expect(sender.wait()).toBe(4);
        expect(String(far.recv())).toBe('more');
      }),
    );

    test(
      '10 MB reach a slow reader whole',
      connected((near, far) => {
        const sender = spawn(() => {
          near.sendAll(tenMegabytes);
          near.shutdown();
        });
        const pieces: Buffer[] = [];
        for (let size = 1; ; size = (size * 7) % 65_521) {
          const piece = far.recv(size);
          if (piece.length === 0) break;
          pieces.push(piece);
          if (size % 5 === 0) sleep(0);
        }
        sender.wait();
        expect(hash(Buffer.concat(pieces))).toBe(hash(tenMegabytes));
      }),
    );

    test(
      '10 MB in thousands of pieces of all sizes arrive whole',
      connected((near, far) => {
        const pieces: Buffer[] = [];
        for (let at = 0, size = 0; at < tenMegabytes.length; at += size) {
          size = (size * 31 + 17) % 7919;
          pieces.push(tenMegabytes.subarray(at, at + size));
        }
        expect(pieces.length).toBeGreaterThan(1000);
        const sender = spawn(() => {
          near.sendAll(pieces);
          near.shutdown();
        });
        expect(hash(recvAll(far))).toBe(hash(tenMegabytes));
        sender.wait();
      }),
    );

    test.each([63, 64, 65, 128, 129, 1000])('%i small pieces go out in order', (count) =>
      connected((near, far) => {
        const pieces = Array.from({ length: count }, (_, index) => `${index};`);
        near.sendAll(pieces);
        near.shutdown();
        expect(String(recvAll(far))).toBe(pieces.join(''));
      })(),
    );

    test(
      'many small sends in a row arrive whole',
      connected((near, far) => {
        const sender = spawn(() => {
          for (let count = 0; count < 20_000; count += 1) near.sendAll(`${count}\n`);
          near.shutdown();
        });
        let expected = 0;
        for (const line of far.lines()) {
          if (line !== String(expected)) throw new Error(`${line} in place of ${expected}`);
          expected += 1;
        }
        sender.wait();
        expect(expected).toBe(20_000);
      }),
    );

    test(
      'both directions at the same time do not disturb each other',
      connected((near, far) => {
        const size = 4_000_000;
        const senders = [near, far].map((socket, index) =>
          spawn(() => socket.sendAll(tenMegabytes.subarray(index, index + size))),
        );
        const readers = [near, far].map((socket) => spawn(() => hash(socket.recvExactly(size))));
        for (const sender of senders) sender.wait();
        expect(readers.map((reader) => reader.wait())).toEqual([
          hash(tenMegabytes.subarray(1, 1 + size)),
          hash(tenMegabytes.subarray(0, size)),
        ]);
      }),
    );

    testFull.each<[string, (socket: Socket, memory: Uint8Array) => unknown]>([
      ['send', (socket, memory) => socket.send(memory)],
      ['sendAll', (socket, memory) => socket.sendAll(memory)],
      ['sendAll of pieces', (socket, memory) => socket.sendAll(['x', memory])],
    ])('%s whose memory was given away meanwhile fails with EFAULT once there is room', (_what, send) =>
      connected((near, far) => {
        const size = fill(near);
        const memory = new Uint8Array(5_000_000);
        const sender = spawn(() => thrown(() => send(near, memory)));
        letOthersRun();
        structuredClone(memory.buffer, { transfer: [memory.buffer] });
        far.recvExactly(size);
        expect(sender.wait()).toEqual(code('EFAULT'));
      })(),
    );

    describe('interrupted', () => {
      afterEach(() => {
        expect(getHub().stats()).toMatchObject({ listeners: 0, timers: 0, greenThreads: 0 });
      });

      testFull(
        'by its timeout, the socket can send again afterwards',
        connected((near, far) => {
          const before = fill(near);
          expect(thrown(() => near.send('x', { timeout: 2 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(thrown(() => near.sendAll('x', { timeout: 2 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(thrown(() => near.sendAll(['x', 'y'], { timeout: 2 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          far.recvExactly(before);
          near.sendAll('after all');
          expect(String(far.recv())).toBe('after all');
        }),
      );

      testFull(
        'by its signal, it throws the reason',
        connected((near) => {
          fill(near);
          const controller = new AbortController();
          const sender = spawn(() => thrown(() => near.sendAll('x', { signal: controller.signal })));
          letOthersRun();
          const reason = new Error('enough');
          controller.abort(reason);
          expect(sender.wait()).toBe(reason);
        }),
      );

      test(
        'by a kill, what has been sent is a part from the beginning',
        connected((near, far) => {
          const sender = spawn(() => near.sendAll(tenMegabytes));
          letOthersRun();
          sender.kill();
          letOthersRun();
          expect(sender.state).toBe('killed');
          near.shutdown();
          const got = recvAll(far);
          expect(got.length).toBeGreaterThan(0);
          expect(got.equals(tenMegabytes.subarray(0, got.length))).toBe(true);
        }),
      );

      test(
        'the timeout of sendAll is for all of it',
        connected((near, far) => {
          const reader = spawn(() => {
            for (;;) {
              far.recv(1000);
              sleep(1);
            }
          });
          const start = performance.now();
          expect(thrown(() => near.sendAll(tenMegabytes, { timeout: 30 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(performance.now() - start).toBeGreaterThanOrEqual(29);
          reader.kill();
          letOthersRun();
        }),
      );
    });
  });
});

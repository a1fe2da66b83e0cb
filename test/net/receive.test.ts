// recv, recvInto, recvExactly, recvLine, lines: every outcome, and an interrupted call takes nothing from the stream.
import fc from 'fast-check';
import { run, spawn, Timeout } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { type Socket, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { onHub } from './support/hubs';
import { letOthersRun, recvAll, tcpPair, using } from './support/sockets';

type Pair = [near: Socket, far: Socket];

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  describe.each<[string, () => Pair]>([
    ['TCP', tcpPair],
    ['Unix', socketPair],
  ])('%s', (_kind, pair) => {
    // Runs the test on a green thread, with a connection of its own.
    function connected(body: (near: Socket, far: Socket) => void): () => Promise<void> {
      return () => run(() => using(pair(), body));
    }

    describe('recv', () => {
      test(
        'gives what there is',
        connected((near, far) => {
          far.sendAll('hello');
          expect(String(near.recv())).toBe('hello');
        }),
      );

      test(
        'waits until there is something',
        connected((near, far) => {
          const reader = spawn(() => String(near.recv()));
          letOthersRun();
          expect(reader.dead).toBe(false);
          far.sendAll('late');
          expect(reader.wait()).toBe('late');
        }),
      );

      test(
        'gives at most n bytes, and the rest later',
        connected((near, far) => {
          far.sendAll('abcdef');
          expect([String(near.recv(4)), String(near.recv(4))]).toEqual(['abcd', 'ef']);
        }),
      );

      test(
        'is empty at the end of the stream, as often as it is asked',
        connected((near, far) => {
          far.sendAll('x');
          far.close();
          expect([near.recv(), near.recv(), near.recv()].map(String)).toEqual(['x', '', '']);
        }),
      );

      test(
        'gives buffers that later reads leave alone',
        connected((near, far) => {
          const pieces: [Buffer, string][] = [];
          for (let count = 0; count < 200; count += 1) {
            const text = String(count).repeat(1 + (count % 700));
            far.sendAll(text);
            pieces.push([near.recvExactly(text.length), text]);
          }
          for (const [piece, text] of pieces) expect(piece.toString()).toBe(text);
        }),
      );

      test.each([0, -1, 1.5, NaN])('refuses %p bytes', (n) =>
        connected((near) => expect(thrown(() => near.recv(n))).toEqual(code('ERR_OUT_OF_RANGE')))(),
      );

      test.each(['1', null, {}])('refuses %p as a number of bytes', (n) =>
        connected((near) =>
          expect(thrown(() => near.recv(n as unknown as number))).toEqual(code('ERR_INVALID_ARG_TYPE')),
        )(),
      );
    });

    describe('recvInto', () => {
      test(
        'writes to the beginning of the memory it is given, and tells how much',
        connected((near, far) => {
          const memory = new Uint8Array(8);
          far.sendAll('abc');
          expect(near.recvInto(memory)).toBe(3);
          expect(Buffer.from(memory).toString('latin1')).toBe('abc\0\0\0\0\0');
        }),
      );

      test(
        'writes inside of the view alone',
        connected((near, far) => {
          const memory = new ArrayBuffer(8);
          far.sendAll('abcdefgh');
          expect(near.recvInto(new DataView(memory, 2, 3))).toBe(3);
          expect(Buffer.from(memory).toString('latin1')).toBe('\0\0abc\0\0\0');
          expect(near.recvInto(new Uint16Array(memory, 6, 1))).toBe(2);
          expect(Buffer.from(memory).toString('latin1')).toBe('\0\0abc\0de');
        }),
      );

      test(
        'gives 0 at the end of the stream',
        connected((near, far) => {
          far.shutdown();
          expect(near.recvInto(Buffer.alloc(4))).toBe(0);
        }),
      );

      test(
        'gives what a line left over first',
        connected((near, far) => {
          far.sendAll('line\nrest');
          expect(near.recvLine()).toBe('line');
          const memory = Buffer.alloc(2);
          expect([near.recvInto(memory), String(memory), String(near.recv())]).toEqual([2, 're', 'st']);
        }),
      );

      test(
        'takes nothing when its memory was given away meanwhile',
        connected((near, far) => {
          const memory = new Uint8Array(16);
          const reader = spawn(() => thrown(() => near.recvInto(memory)));
          letOthersRun();
          structuredClone(memory.buffer, { transfer: [memory.buffer] });
          far.sendAll('kept');
          expect(reader.wait()).toEqual(code('EFAULT'));
          expect(String(near.recv())).toBe('kept');
        }),
      );

      test(
        'refuses what is no memory, and none of it',
        connected((near) => {
          expect(thrown(() => near.recvInto('text' as unknown as Buffer))).toEqual(code('ERR_INVALID_ARG_TYPE'));
          expect(thrown(() => near.recvInto(new Uint8Array(0)))).toEqual(code('ERR_OUT_OF_RANGE'));
        }),
      );
    });

    describe('recvExactly', () => {
      test(
        'waits for all of it, however it comes',
        connected((near, far) => {
          const reader = spawn(() => String(near.recvExactly(6)));
          for (const piece of ['a', 'bc', 'def', 'g']) {
            letOthersRun();
            far.sendAll(piece);
          }
          expect(reader.wait()).toBe('abcdef');
          expect(String(near.recv())).toBe('g');
        }),
      );

      test(
        'of 0 bytes does not wait',
        connected((near) => expect(near.recvExactly(0)).toHaveLength(0)),
      );

      test(
        'throws ERR_VERDANT_EOF when the stream ends before, and what came is still there',
        connected((near, far) => {
          far.sendAll('abc');
          far.close();
          expect(thrown(() => near.recvExactly(4))).toEqual(code('ERR_VERDANT_EOF'));
          expect(String(near.recvExactly(3))).toBe('abc');
          expect(thrown(() => near.recvExactly(1))).toEqual(code('ERR_VERDANT_EOF'));
        }),
      );
    });

    describe('recvLine', () => {
      test(
        'ends lines with \\n and with \\r\\n, and counts the last one without an end',
        connected((near, far) => {
          far.sendAll('one\r\ntwo\n\nthree\r');
          far.close();
          expect([...near.lines()]).toEqual(['one', 'two', '', 'three\r']);
          expect(near.recvLine()).toBeNull();
        }),
      );

      test(
        'waits for the end of the line, also in the middle of \\r\\n and of a character',
        connected((near, far) => {
          const reader = spawn(() => near.recvLine());
          const bytes = Buffer.from('zwölf €\r\n');
          for (let at = 0; at < bytes.length; at += 1) {
            letOthersRun();
            far.sendAll(bytes.subarray(at, at + 1));
          }
          expect(reader.wait()).toBe('zwölf €');
        }),
      );

      test(
        'of exactly maxLength bytes is allowed, whatever ends it',
        connected((near, far) => {
          far.sendAll('12345\r\n12345\n12345');
          far.close();
          expect([...near.lines({ maxLength: 5 })]).toEqual(['12345', '12345', '12345']);
        }),
      );

      test.each(['123456\n', '123456\r\n', '123456', '12345\r6\n', '1234567890'])(
        'refuses %j for maxLength 5',
        (text) =>
          connected((near, far) => {
            far.sendAll(text);
            far.shutdown();
            expect(thrown(() => near.recvLine({ maxLength: 5 }))).toEqual(code('ERR_VERDANT_LINE_TOO_LONG'));
            expect(String(recvAll(near))).toBe(text);
          })(),
      );

      test(
        'refuses an endless line without waiting for its end',
        connected((near, far) => {
          const sender = spawn(() => thrown(() => far.sendAll('x'.repeat(10_000_000))));
          expect(thrown(() => near.recvLine())).toEqual(code('ERR_VERDANT_LINE_TOO_LONG'));
          near.close();
          expect(['EPIPE', 'ECONNRESET']).toContain((sender.wait() as { code: string }).code);
        }),
      );

      test(
        'gives lines one after the other out of one piece, and recv the rest',
        connected((near, far) => {
          far.sendAll('a\nb\nc\nd');
          expect([near.recvLine(), String(near.recvExactly(2)), near.recvLine(), String(near.recv())]).toEqual([
            'a',
            'b\n',
            'c',
            'd',
          ]);
        }),
      );
    });

    describe('interrupted', () => {
      const calls: [string, (socket: Socket, options: { timeout?: number; signal?: AbortSignal }) => unknown][] = [
        ['recv', (socket, options) => socket.recv(100, options)],
        ['recvInto', (socket, options) => socket.recvInto(Buffer.alloc(100), options)],
        ['recvExactly', (socket, options) => socket.recvExactly(100, options)],
        ['recvLine', (socket, options) => socket.recvLine(options)],
        ['lines', (socket, options) => [...socket.lines(options)]],
      ];
      // recv and recvInto would take it: they are interrupted before anything came.
      const early = (name: string): string => (name === 'recv' || name === 'recvInto' ? '' : 'some');

      afterEach(() => {
        expect(getHub().stats()).toMatchObject({ listeners: 0, timers: 0, greenThreads: 0 });
      });

      test.each(calls)('%s by its timeout has taken nothing', (name, call) =>
        connected((near, far) => {
          far.sendAll(early(name));
          expect(thrown(() => call(near, { timeout: 2 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          far.sendAll('thing');
          far.shutdown();
          expect(String(recvAll(near))).toBe(`${early(name)}thing`);
        })(),
      );

      test.each(calls)('%s by a signal throws its reason and has taken nothing', (name, call) =>
        connected((near, far) => {
          const controller = new AbortController();
          const reason = new Error('enough');
          far.sendAll(early(name));
          const reader = spawn(() => thrown(() => call(near, { signal: controller.signal })));
          letOthersRun();
          controller.abort(reason);
          expect(reader.wait()).toBe(reason);
          far.sendAll('thing');
          far.shutdown();
          expect(String(recvAll(near))).toBe(`${early(name)}thing`);
        })(),
      );

      test.each(calls)('%s by a kill has taken nothing, even if something came at the same moment', (name, call) =>
        connected((near, far) => {
          far.sendAll(early(name));
          const reader = spawn(() => call(near, {}));
          letOthersRun();
          far.sendAll('thing');
          reader.kill();
          letOthersRun();
          expect(reader.state).toBe('killed');
          far.shutdown();
          expect(String(recvAll(near))).toBe(`${early(name)}thing`);
        })(),
      );

      test.each(calls)('%s by a Timeout around it throws that', (_name, call) =>
        connected((near) => {
          using timeout = new Timeout(2);
          expect(thrown(() => call(near, {}))).toBe(timeout);
        })(),
      );

      test.each(calls)('%s obeys a signal that has aborted before, although there is something', (_name, call) =>
        connected((near, far) => {
          const reason = new Error('too late');
          far.sendAll('line\n');
          near.recvExactly(2); // so that some of it has been received already
          expect(thrown(() => call(near, { signal: AbortSignal.abort(reason) }))).toBe(reason);
          expect(String(near.recv())).toBe('ne\n');
        })(),
      );

      test.each(calls)('%s refuses wrong options', (_name, call) =>
        connected((near) => {
          expect(thrown(() => call(near, { timeout: -1 }))).toEqual(code('ERR_OUT_OF_RANGE'));
          expect(thrown(() => call(near, { signal: {} as AbortSignal }))).toEqual(code('ERR_INVALID_ARG_TYPE'));
        })(),
      );

      test(
        'the timeout of recvExactly is for all of it, not for each piece',
        connected((near, far) => {
          const start = performance.now();
          const sender = spawn(() => {
            for (;;) {
              far.sendAll('x');
              letOthersRun();
            }
          });
          expect(thrown(() => near.recvExactly(1e9, { timeout: 20 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(performance.now() - start).toBeGreaterThanOrEqual(19);
          sender.kill();
          letOthersRun();
        }),
      );
    });

    test('whatever mixture of calls reads it, the stream comes whole and in order', async () => {
      const step = fc.oneof(
        fc.record({ call: fc.constant('recv' as const), n: fc.integer({ min: 1, max: 70_000 }) }),
        fc.record({ call: fc.constant('recvInto' as const), n: fc.integer({ min: 1, max: 9_000 }) }),
        fc.record({ call: fc.constant('recvExactly' as const), n: fc.integer({ min: 0, max: 70_000 }) }),
        fc.record({ call: fc.constant('recvLine' as const), n: fc.integer({ min: 0, max: 300 }) }),
        fc.record({ call: fc.constant('timeout' as const), n: fc.constant(0) }),
      );
      const sends = fc.array(fc.uint8Array({ minLength: 0, maxLength: 5_000 }), { maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(sends, fc.array(step, { minLength: 1, maxLength: 40 }), (pieces, steps) =>
          run(() =>
            using(pair(), (near, far) => {
              const sent = Buffer.concat(pieces);
              const sender = spawn(() => {
                for (const piece of pieces) far.sendAll(piece);
                far.shutdown();
              });
              let at = 0;
              const took = (bytes: Uint8Array): boolean => {
                expect(Buffer.compare(bytes, sent.subarray(at, at + bytes.byteLength))).toBe(0);
                at += bytes.byteLength;
                return bytes.byteLength > 0;
              };
              let before = 0; // at the beginning of the round
              for (let turn = 0; ; turn += 1) {
                const { call, n } = steps[turn % steps.length]!;
                try {
                  if (call === 'recv' && !took(near.recv(n))) break;
                  if (call === 'recvExactly') took(near.recvExactly(n));
                  if (call === 'timeout') near.recvExactly(1e6, { timeout: 0 });
                  if (call === 'recvInto') {
                    const memory = Buffer.alloc(n);
                    if (!took(memory.subarray(0, near.recvInto(memory)))) break;
                  }
                  if (call === 'recvLine') {
                    const line = near.recvLine({ maxLength: n });
                    if (line === null) break;
                    const end = sent.indexOf(10, at);
                    const bytes = sent.subarray(at, end === -1 ? sent.length : end + 1);
                    expect(bytes.toString().replace(/\r?\n$/, '')).toBe(line);
                    at += bytes.length;
                  }
                } catch (error) {
                  const { code: reason } = error as { code: string };
                  if (reason === 'ERR_VERDANT_EOF' && sent.length - at < 1e6) took(recvAll(near));
                  else if (reason === 'ERR_VERDANT_LINE_TOO_LONG') took(near.recv());
                  else if (reason !== 'ERR_VERDANT_TIMEOUT') throw error;
                  if (reason === 'ERR_VERDANT_EOF') break;
                }
                if (turn > 20_000) throw new Error('it does not end');
                if (at === sent.length) break;
                if ((turn + 1) % steps.length > 0) continue;
                // Steps that all take nothing (no bytes, no time) would never let the sender run.
                if (at === before) took(near.recv());
                before = at;
              }
              took(recvAll(near));
              expect(at).toBe(sent.length);
              sender.wait();
            }),
          ),
        ),
        { numRuns: 40 },
      );
    });
  });
});

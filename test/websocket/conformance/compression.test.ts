// Compressed messages, with all that can be agreed on about them, and what a hostile end may make of them (Autobahn's groups 12
// and 13).
import { deflateRawSync } from 'node:zlib';
import { Deflater, type FlowOptions, Inflater } from '../support/deflate';
import { describeSubjects } from '../support/subject';
import { opcodes, type RawPeer } from '../support/raw_peer';

const { continuation, text, binary, ping } = opcodes;
const compressed = 4;
const plain = 'permessage-deflate';

/** What the peer says, and what follows from it for what it sends, and for what it is sent. */
interface Agreement {
  server: string;
  client: string;
  fromServer: FlowOptions;
  fromClient: FlowOptions;
}

const agreements: [string, Agreement][] = [
  ['nothing else', { server: plain, client: plain, fromServer: {}, fromClient: {} }],
  [
    'no memory in the server',
    {
      server: `${plain}; server_no_context_takeover`,
      client: `${plain}; server_no_context_takeover`,
      fromServer: { takeover: false },
      fromClient: {},
    },
  ],
  [
    'no memory in the client',
    {
      server: `${plain}; client_no_context_takeover`,
      client: `${plain}; client_no_context_takeover`,
      fromServer: {},
      fromClient: { takeover: false },
    },
  ],
  [
    'no memory in either',
    {
      server: `${plain}; client_no_context_takeover; server_no_context_takeover`,
      client: `${plain}; client_no_context_takeover; server_no_context_takeover`,
      fromServer: { takeover: false },
      fromClient: { takeover: false },
    },
  ],
  [
    'a small window in the server',
    {
      server: `${plain}; server_max_window_bits=9`,
      client: `${plain}; server_max_window_bits=9`,
      fromServer: { windowBits: 9 },
      fromClient: {},
    },
  ],
  [
    'a small window in the client',
    {
      server: `${plain}; client_max_window_bits=9`,
      client: `${plain}; client_max_window_bits=9`,
      fromServer: {},
      fromClient: { windowBits: 9 },
    },
  ],
  [
    'small windows and no memory',
    {
      server: `${plain}; client_max_window_bits=10; server_max_window_bits=11; server_no_context_takeover; client_no_context_takeover`,
      client: `${plain}; client_max_window_bits=10; server_max_window_bits=11; server_no_context_takeover; client_no_context_takeover`,
      fromServer: { windowBits: 11, takeover: false },
      fromClient: { windowBits: 10, takeover: false },
    },
  ],
  [
    'the first offer that is acceptable',
    {
      server: `${plain}; client_max_window_bits, ${plain}`,
      client: plain,
      fromServer: {},
      fromClient: {},
    },
  ],
];

const bomb = new Deflater({ level: 9 }).deflate(Buffer.alloc(100 << 20));

const words = 'the quick brown fox jumps over the lazy dog while everybody else sends compressed messages'.split(' ');

function prose(size: number, seed: number): string {
  let all = '';
  for (let at = seed; all.length < size; at = (at * 31 + 7) % 1009) all += `${words[at % words.length]} `;
  return all.slice(0, size);
}

// The flows as the peer sees them.
function flows(peer: RawPeer, { fromServer, fromClient }: Agreement): { out: Deflater; in: Inflater } {
  return peer.client
    ? { out: new Deflater(fromClient), in: new Inflater(fromServer) }
    : { out: new Deflater(fromServer), in: new Inflater(fromClient) };
}

describeSubjects((expectSubject, role) => {
  describe.each(agreements)('having agreed on %s', (_name, agreement) => {
    const extensions = role === 'client' ? agreement.client : agreement.server;
    const options = { extensions, compression: { threshold: 0 } };

    test.each([16, 256, 4096, 131_072])('echoes texts of %d bytes, compressed', async (size) => {
      await expectSubject(options, (peer) => {
        const flow = flows(peer, agreement);
        for (let count = 0; count < 8; count += 1) {
          const message = prose(size, count);
          peer.send({ payload: flow.out.deflate(message), reserved: compressed });
          const echo = peer.receiveMessage();
          expect(echo).toMatchObject({ opcode: text, reserved: compressed });
          expect(flow.in.inflate(echo.payload).toString()).toBe(message);
        }
        peer.close();
      });
    });
  });

  const options = { extensions: plain, compression: { threshold: 0 } };

  test('takes a compressed message in many frames, and pings between them', async () => {
    await expectSubject(options, (peer) => {
      const message = prose(100_000, 3);
      const payload = new Deflater().deflate(message);
      for (let at = 0; at < payload.length; at += 100) {
        const last = at + 100 >= payload.length;
        const piece = payload.subarray(at, at + 100);
        const head = at === 0 ? { opcode: text, reserved: compressed } : { opcode: continuation };
        peer.send([
          { ...head, payload: piece, fin: last },
          ...(at % 1000 === 0 ? [{ opcode: ping, payload: `${at}` }] : []),
        ]);
      }
      let frame = peer.receive()!;
      const pongs: string[] = [];
      for (; frame.opcode === opcodes.pong; frame = peer.receive()!) pongs.push(frame.payload.toString());
      expect(pongs.length).toBeGreaterThan(0);
      expect(new Inflater().inflate(frame.payload).toString()).toBe(message);
    });
  });

  test('takes messages that are not compressed between those that are', async () => {
    await expectSubject({ ...options, compression: { threshold: 100 } }, (peer) => {
      const [out, inward] = [new Deflater(), new Inflater()];
      for (const message of ['short', prose(1000, 1), 'short again', prose(1000, 2)]) {
        peer.send(
          message.length < 100 ? { payload: message } : { payload: out.deflate(message), reserved: compressed },
        );
        const echo = peer.receiveMessage();
        expect(echo.reserved).toBe(message.length < 100 ? 0 : compressed);
        expect(String(echo.reserved === 0 ? echo.payload : inward.inflate(echo.payload))).toBe(message);
      }
      peer.close();
    });
  });

  test.each([
    ['nothing', '', 6],
    ['what was stored and not compressed', prose(3000, 5), 0],
    ['what was compressed hard', prose(3000, 5), 9],
  ])('takes %s', async (_name, message, level) => {
    await expectSubject(options, (peer) => {
      peer.send({ opcode: binary, payload: new Deflater({ level }).deflate(message), reserved: compressed });
      const echo = peer.receiveMessage();
      expect(new Inflater().inflate(echo.payload).toString()).toBe(message);
      peer.close();
    });
  });

  test('takes a message whose last block says that it is the last', async () => {
    await expectSubject(options, (peer) => {
      const payload = Buffer.concat([deflateRawSync('Hello'), Buffer.from([0])]);
      peer.send({ payload, reserved: compressed });
      const echo = peer.receiveMessage();
      expect(new Inflater().inflate(echo.payload).toString()).toBe('Hello');
      peer.close();
    });
  });

  test.each([
    [
      'a continuation',
      [
        { payload: 'a', fin: false },
        { opcode: continuation, payload: 'b', reserved: compressed },
      ],
    ],
    ['a ping', [{ opcode: ping, reserved: compressed }]],
  ])('refuses the mark of compression on %s', async (_name, frames) => {
    await expectSubject(options, (peer, ended) => {
      peer.send(frames);
      peer.expectClose(1002);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } });
    });
  });

  test.each([
    ['bytes that were never deflated', Buffer.alloc(200, 0xff)],
    ['text that is no UTF-8 once it is inflated', new Deflater().deflate(Buffer.from('eda080', 'hex'))],
  ])('refuses %s', async (_name, payload) => {
    await expectSubject(options, (peer, ended) => {
      peer.send({ payload, reserved: compressed });
      peer.expectClose(1007);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1007 } });
    });
  });

  test.each(['in one frame', 'in many frames'])('refuses a bomb %s, and keeps little of it', async (how) => {
    await expectSubject({ ...options, maxPayload: 1 << 20 }, (peer, ended) => {
      const before = process.memoryUsage().rss;
      const size = how === 'in one frame' ? bomb.length : 1000;
      const frames = [];
      for (let at = 0; at < bomb.length; at += size) {
        const head = at === 0 ? { opcode: binary, reserved: compressed } : { opcode: continuation };
        frames.push({ ...head, payload: bomb.subarray(at, at + size), fin: at + size >= bomb.length });
      }
      try {
        peer.send(frames);
      } catch (error) {
        expect(['EPIPE', 'ECONNRESET']).toContain((error as { code?: string }).code);
      }
      peer.socket.shutdown();
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1009 } });
      expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    });
  });
});

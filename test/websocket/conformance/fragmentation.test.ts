// Messages in several frames come out whole, control frames may lie between them, and what is out of place is refused
// (Autobahn's group 5).
import { describeSubjects } from '../support/subject';
import { type FrameInit, opcodes } from '../support/raw_peer';

const { continuation, text, binary, ping, pong } = opcodes;
const failed = { code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } };

function fragments(opcode: number, ...pieces: string[]): FrameInit[] {
  return pieces.map((payload, at) => ({
    opcode: at === 0 ? opcode : continuation,
    payload,
    fin: at === pieces.length - 1,
  }));
}

describeSubjects((expectSubject) => {
  describe.each([Infinity, 1])('in pieces of %d bytes', (chop) => {
    test.each([
      ['text', text],
      ['binary', binary],
    ])('a %s message in two frames is one message', async (_name, opcode) => {
      await expectSubject({}, (peer) => {
        peer.send(fragments(opcode, 'fragment1', 'fragment2'), chop);
        peer.expectMessage(opcode, 'fragment1fragment2');
        peer.close();
      });
    });

    test('a ping between two frames of a message is answered before the message has come', async () => {
      await expectSubject({}, (peer) => {
        const [first, last] = fragments(text, 'fragment1', 'fragment2');
        peer.send([first!, { opcode: ping, payload: 'ping' }], chop);
        peer.expectFrame(pong, 'ping');
        peer.send(last!, chop);
        peer.expectMessage(text, 'fragment1fragment2');
        peer.close();
      });
    });

    test('pings between many frames are all answered, before the message', async () => {
      await expectSubject({}, (peer) => {
        const [a, b, c, d, e] = fragments(text, 'a', 'b', 'c', 'd', 'e');
        peer.send([a!, b!, { opcode: ping, payload: '1' }, c!, d!, { opcode: ping, payload: '2' }, e!], chop);
        peer.expectFrame(pong, '1');
        peer.expectFrame(pong, '2');
        peer.expectMessage(text, 'abcde');
        peer.close();
      });
    });

    test('empty frames belong to the message', async () => {
      await expectSubject({}, (peer) => {
        peer.send(fragments(text, '', '', ''), chop);
        peer.expectMessage(text, '');
        peer.send(fragments(text, '', 'middle', ''), chop);
        peer.expectMessage(text, 'middle');
        peer.close();
      });
    });

    test.each([
      ['a continuation of nothing', [{ opcode: continuation, payload: 'x' }]],
      ['an unfinished continuation of nothing', [{ opcode: continuation, payload: 'x', fin: false }]],
      [
        'a new message inside of a message',
        [
          { opcode: text, payload: 'a', fin: false },
          { opcode: text, payload: 'b' },
        ],
      ],
      ['a continuation after the end', [...fragments(text, 'a', 'b'), { opcode: continuation, payload: 'c' }]],
      [
        'a ping in two frames',
        [
          { opcode: ping, payload: 'a', fin: false },
          { opcode: continuation, payload: 'b' },
        ],
      ],
      [
        'a pong in two frames',
        [
          { opcode: pong, payload: 'a', fin: false },
          { opcode: continuation, payload: 'b' },
        ],
      ],
    ] as [string, FrameInit[]][])('%s is refused', async (_name, frames) => {
      const converse = (ws: Iterable<unknown>): void => {
        for (const _message of ws);
      };
      await expectSubject({ converse }, (peer, ended) => {
        peer.send(frames, chop);
        peer.expectClose(1002);
        expect(ended()).toMatchObject(failed);
      });
    });
  });

  test('a message of so many frames that it must be an attack is refused', async () => {
    const converse = (ws: { receive(): unknown }): void => void ws.receive();
    await expectSubject({ converse }, (peer, ended) => {
      const frames = Buffer.concat(
        Array.from({ length: 20_000 }, (_, at) => peer.frame({ opcode: at === 0 ? text : continuation, fin: false })),
      );
      try {
        peer.socket.sendAll(frames);
      } catch (error) {
        expect(['EPIPE', 'ECONNRESET']).toContain((error as { code?: string }).code);
      }
      peer.socket.close();
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1008 } });
    });
  });
});

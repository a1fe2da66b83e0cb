// What the protocol reserves ends the connection with 1002, and what came before is not lost (Autobahn's groups 3 and 4).
import { describeSubjects } from '../support/subject';
import { type FrameInit, opcodes } from '../support/raw_peer';

const { text, binary, ping, pong, close } = opcodes;
const failed = { code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } };

describeSubjects((expectSubject) => {
  test.each([
    [1, text],
    [2, text],
    [3, text],
    [4, text],
    [5, binary],
    [6, ping],
    [7, close],
    [4, pong],
  ])('refuses reserved bits %d in a frame of opcode %d', async (reserved, opcode) => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ payload: 'fine' });
      peer.expectMessage(text, 'fine');
      peer.send({ opcode, reserved, payload: opcode === close ? '' : 'small' });
      peer.expectClose(1002);
      expect(ended()).toMatchObject(failed);
    });
  });

  test.each([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])('refuses opcode %d', async (opcode) => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode });
      peer.expectClose(1002);
      expect(ended()).toMatchObject(failed);
    });
  });

  test.each([Infinity, 1])('gives what came before a refused frame, in pieces of %d bytes', async (chop) => {
    const received: unknown[] = [];
    const converse = (ws: Iterable<unknown>): void => {
      for (const message of ws) received.push(message);
    };
    await expectSubject({ converse }, (peer, ended) => {
      const frames: FrameInit[] = [
        { payload: 'one' },
        { payload: 'two' },
        { opcode: 5, payload: 'bad' },
        { opcode: ping },
      ];
      peer.send(frames, chop);
      peer.expectClose(1002);
      expect(ended()).toMatchObject(failed);
      expect(received).toEqual(['one', 'two']);
    });
  });
});

// The closing handshake: every code that may be sent is answered, every other one refused, and nothing comes after it
// (Autobahn's group 7).
import { describeSubjects } from '../support/subject';
import { closePayload, opcodes } from '../support/raw_peer';

const { close, text, ping, continuation } = opcodes;

describeSubjects((expectSubject) => {
  test('a message and then a close: one of each', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ payload: 'hello' });
      peer.expectMessage(text, 'hello');
      peer.close();
      expect(ended()).toMatchObject({ code: null, ws: { closeCode: 1000, closeReason: '' } });
    });
  });

  test.each([
    ['another close', { opcode: close, payload: closePayload(1000) }],
    ['a ping', { opcode: ping, payload: 'ping' }],
    ['a message', { payload: 'late' }],
    ['nonsense', { opcode: 7, reserved: 7 }],
  ])('what follows a close is ignored: %s', async (_name, frame) => {
    await expectSubject({}, (peer, ended) => {
      peer.send([{ opcode: close, payload: closePayload(1000) }, frame]);
      peer.expectClose(1000);
      expect(ended()).toMatchObject({ code: null, ws: { closeCode: 1000 } });
    });
  });

  test('a close in the middle of a message ends it', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send([
        { payload: 'first', fin: false },
        { opcode: close, payload: closePayload(1000) },
      ]);
      peer.expectClose(1000);
      expect(ended()).toMatchObject({ code: null, ws: { closeCode: 1000 } });
    });
  });

  test('a close between the frames of a message, and then its last', async () => {
    await expectSubject({}, (peer) => {
      peer.send([
        { payload: 'first', fin: false },
        { opcode: close, payload: closePayload(1000) },
        { opcode: continuation, payload: 'last' },
      ]);
      peer.expectClose(1000);
    });
  });

  test('a large message just before the close is not lost', async () => {
    let length = 0;
    const converse = (ws: Iterable<string | Buffer>): void => {
      for (const message of ws) length += message.length;
    };
    await expectSubject({ converse }, (peer, ended) => {
      peer.send([{ payload: 'x'.repeat(262_144) }, { opcode: close, payload: closePayload(1000) }, { opcode: ping }]);
      peer.expectClose(1000);
      expect(ended()).toMatchObject({ code: null });
      expect(length).toBe(262_144);
    });
  });

  test('an empty close frame is answered by one, and is 1005', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode: close });
      peer.expectClose(null);
      expect(ended()).toMatchObject({ code: null, ws: { closeCode: 1005 } });
    });
  });

  test.each([
    ['one byte', Buffer.from([3])],
    ['a reason of 124 bytes', closePayload(1000, 'x'.repeat(124))],
  ])('a close frame with %s is refused', async (_name, payload) => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode: close, payload });
      peer.expectClose(1002);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } });
    });
  });

  test.each(['Hello World!', 'x'.repeat(123), 'Grüße'])('the reason arrives: %s', async (reason) => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode: close, payload: closePayload(1000, reason) });
      peer.expectClose(1000);
      expect(ended()).toMatchObject({ code: null, ws: { closeCode: 1000, closeReason: reason } });
    });
  });

  test('a reason that is no UTF-8 is refused', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode: close, payload: closePayload(1000, Buffer.from('cebae1bdb9eda080', 'hex')) });
      peer.expectClose(1007);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1007 } });
    });
  });

  const good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
  test.each(good)('the code %d is answered by itself', async (code) => {
    await expectSubject({}, (peer, ended) => {
      peer.close(code);
      expect(ended()).toMatchObject({ code: null, ws: { closeCode: code } });
    });
  });

  test.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])(
    'the code %d is refused',
    async (code) => {
      await expectSubject({}, (peer, ended) => {
        peer.send({ opcode: close, payload: closePayload(code) });
        peer.expectClose(1002);
        expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } });
      });
    },
  );

  test.each([1000, 1001, 1003, 1007, 1011, 3000, 4999])(
    'this end closes with %d, and waits for the answer',
    async (code) => {
      const converse = (ws: { close(code: number, reason: string): void; receive(): unknown }): void => {
        ws.receive();
        ws.close(code, 'ours');
      };
      await expectSubject({ converse }, (peer, ended) => {
        peer.send({ payload: 'go' });
        const frame = peer.receive()!;
        expect(frame.opcode).toBe(close);
        expect(frame.payload.equals(closePayload(code, 'ours'))).toBe(true);
        peer.send({ opcode: close, payload: closePayload(code) });
        peer.expectEnd();
        expect(ended()).toMatchObject({ code: null, ws: { closeCode: code } });
      });
    },
  );

  test('a connection that breaks off is 1006, and no end in order', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ payload: 'hello' });
      peer.expectMessage(text, 'hello');
      peer.socket.close();
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_LOST', ws: { closeCode: 1006 } });
    });
  });

  test('a connection that is reset is 1006', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.socket.close({ reset: true });
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_LOST', ws: { closeCode: 1006 } });
    });
  });
});

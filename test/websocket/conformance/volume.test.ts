// Large messages, many messages and many frames, within the limits and over them (Autobahn's groups 9 and 10, scaled down).
import { describeSubjects } from '../support/subject';
import { opcodes } from '../support/raw_peer';

const { continuation, text, binary } = opcodes;

describeSubjects((expectSubject) => {
  test.each([65_536, 1 << 20, 4 << 20])('echoes %d bytes in one frame', async (size) => {
    await expectSubject({}, (peer) => {
      const payload = Buffer.alloc(size, 'BAsd7&jh23');
      peer.send({ opcode: binary, payload });
      peer.expectMessage(binary, payload);
      peer.close();
    });
  });

  test.each([64, 1024, 16_384, 262_144])('echoes a message in frames of %d bytes', async (size) => {
    await expectSubject({ maxPayload: 1 << 20 }, (peer) => {
      const total = size === 64 ? 1 << 17 : 1 << 20;
      const payload = Buffer.alloc(total, 'fragment');
      const frames = [];
      for (let at = 0; at < total; at += size) {
        frames.push({
          opcode: at === 0 ? text : continuation,
          payload: payload.subarray(at, at + size),
          fin: at + size >= total,
        });
      }
      peer.send(frames);
      peer.expectMessage(text, payload);
      peer.close();
    });
  });

  test.each([128, 1024, 16_384])('echoes a message that comes in packets of %d bytes', async (chop) => {
    await expectSubject({}, (peer) => {
      const payload = Buffer.alloc(Math.min(256 * chop, 1 << 20), 'packet');
      peer.send({ payload }, chop);
      peer.expectMessage(text, payload);
      peer.close();
    });
  });

  test.each([0, 16, 4096])('echoes 200 messages of %d bytes, one after the other', async (size) => {
    await expectSubject({}, (peer) => {
      const payload = Buffer.alloc(size, 'm');
      for (let count = 0; count < 200; count += 1) {
        peer.send({ payload });
        peer.expectMessage(text, payload);
      }
      peer.close();
    });
  });

  test('echoes 1,000 messages that come all at once', async () => {
    await expectSubject({}, (peer) => {
      peer.send(Array.from({ length: 1000 }, (_, number) => ({ payload: `message ${number}` })));
      for (let number = 0; number < 1000; number += 1) peer.expectMessage(text, `message ${number}`);
      peer.close();
    });
  });

  test('echoes a message in frames of 1,300 bytes', async () => {
    await expectSubject({}, (peer) => {
      const payload = Buffer.alloc(65_536, '*');
      for (let at = 0; at < payload.length; at += 1300) {
        const opcode = at === 0 ? text : continuation;
        peer.send({ opcode, payload: payload.subarray(at, at + 1300), fin: at + 1300 >= payload.length });
      }
      peer.expectMessage(text, payload);
      peer.close();
    });
  });

  test('refuses a message that is longer than maxPayload, by its header alone', async () => {
    await expectSubject({ maxPayload: 1000 }, (peer, ended) => {
      peer.send({ payload: 'x'.repeat(1000) });
      peer.expectMessage(text, 'x'.repeat(1000));
      peer.send({ length: 1001n });
      peer.expectClose(1009);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1009 } });
    });
  });

  test('refuses a message whose frames are longer than maxPayload together', async () => {
    await expectSubject({ maxPayload: 1000 }, (peer, ended) => {
      peer.send([
        { payload: 'x'.repeat(600), fin: false },
        { opcode: continuation, payload: 'x'.repeat(401), fin: false },
      ]);
      peer.expectClose(1009);
      expect(ended()).toMatchObject({ ws: { closeCode: 1009 } });
    });
  });
});

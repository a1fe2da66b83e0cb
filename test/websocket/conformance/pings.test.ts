// Every ping is answered with its data, in its order; pongs that nobody has asked for are ignored (Autobahn's group 2).
import { describeSubjects } from '../support/subject';
import { opcodes } from '../support/raw_peer';

const { ping, pong, text } = opcodes;

describeSubjects((expectSubject) => {
  test.each([
    ['no data', Buffer.alloc(0)],
    ['text', Buffer.from('Hello, world!')],
    ['bytes that are no text', Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])],
    ['125 bytes', Buffer.alloc(125, 0xfe)],
  ])('answers a ping with %s', async (_what, payload) => {
    await expectSubject({}, (peer) => {
      peer.send({ opcode: ping, payload });
      peer.expectFrame(pong, payload);
      peer.close();
    });
  });

  test('refuses a ping with 126 bytes', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode: ping, payload: Buffer.alloc(126, 0xfe) });
      peer.expectClose(1002);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } });
    });
  });

  test('answers a ping that comes byte by byte', async () => {
    await expectSubject({}, (peer) => {
      peer.send({ opcode: ping, payload: Buffer.alloc(125, 0xfe) }, 1);
      peer.expectFrame(pong, Buffer.alloc(125, 0xfe));
      peer.close();
    });
  });

  test.each(['', 'unsolicited'])("ignores a pong '%s' that nobody has asked for", async (payload) => {
    await expectSubject({}, (peer) => {
      peer.send({ opcode: pong, payload });
      peer.send({ opcode: text, payload: 'after it' });
      peer.expectMessage(text, 'after it');
      peer.close();
    });
  });

  test('answers a ping after a pong that nobody has asked for', async () => {
    await expectSubject({}, (peer) => {
      peer.send([
        { opcode: pong, payload: 'unsolicited' },
        { opcode: ping, payload: 'ping' },
      ]);
      peer.expectFrame(pong, 'ping');
      peer.close();
    });
  });

  test.each([Infinity, 1])('answers ten pings in their order, in pieces of %d bytes', async (chop) => {
    await expectSubject({}, (peer) => {
      const payloads = Array.from({ length: 10 }, (_, number) => `payload-${number}`);
      peer.send(
        payloads.map((payload) => ({ opcode: ping, payload })),
        chop,
      );
      for (const payload of payloads) peer.expectFrame(pong, payload);
      peer.close();
    });
  });
});

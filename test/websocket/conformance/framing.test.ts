// Messages of every size come back as they went, however they are cut into packets (Autobahn's group 1).
import { describeSubjects } from '../support/subject';
import { opcodes } from '../support/raw_peer';

const sizes = [0, 1, 125, 126, 127, 128, 65_535, 65_536];

describeSubjects((expectSubject) => {
  test.each(sizes)('echoes a text message of %d bytes', async (size) => {
    await expectSubject({}, (peer) => {
      peer.send({ opcode: opcodes.text, payload: '*'.repeat(size) });
      peer.expectMessage(opcodes.text, '*'.repeat(size));
      peer.close();
    });
  });

  test.each(sizes)('echoes a binary message of %d bytes', async (size) => {
    await expectSubject({}, (peer) => {
      const payload = Buffer.alloc(size, 0xfe);
      peer.send({ opcode: opcodes.binary, payload });
      peer.expectMessage(opcodes.binary, payload);
      peer.close();
    });
  });

  test.each([
    [opcodes.text, 997],
    [opcodes.binary, 997],
    [opcodes.text, 1],
  ])('echoes a message of opcode %d that comes in pieces of %d bytes', async (opcode, chop) => {
    await expectSubject({}, (peer) => {
      const payload = 'ab'.repeat(chop === 1 ? 100 : 32_768);
      peer.send({ opcode, payload }, chop);
      peer.expectMessage(opcode, payload);
      peer.close();
    });
  });

  test.each([2, 8] as const)('understands a short length in %d bytes', async (lengthSize) => {
    await expectSubject({}, (peer) => {
      peer.send({ payload: 'short', lengthSize });
      peer.expectMessage(opcodes.text, 'short');
      peer.close();
    });
  });

  test('refuses frames that are masked the wrong way', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ payload: 'hello', masked: !peer.client });
      peer.expectClose(1002);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1002 } });
    });
  });

  test('refuses a length of more than 2^53', async () => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ opcode: opcodes.binary, length: 0x7fff_ffff_ffff_ffffn });
      peer.expectClose(1009);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1009 } });
    });
  });

  test('refuses a length with its highest bit set', async () => {
    await expectSubject({}, (peer) => {
      peer.send({ opcode: opcodes.binary, length: 0xffff_ffff_ffff_ffffn });
      peer.expectClose(1009);
    });
  });
});

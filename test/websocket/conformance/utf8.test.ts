// Text is UTF-8, wherever it is cut; what is not ends the connection with 1007 (Autobahn's group 6).
import { describeSubjects } from '../support/subject';
import { opcodes } from '../support/raw_peer';

const { continuation, text, binary } = opcodes;

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

const valid: [string, Buffer][] = [
  ['nothing', hex('')],
  ['the word kosme', hex('ce ba e1 bd b9 cf 83 ce bc ce b5')],
  ['the first of two bytes', hex('c2 80')],
  ['the first of three bytes', hex('e0 a0 80')],
  ['the first of four bytes', hex('f0 90 80 80')],
  ['the last of one byte', hex('7f')],
  ['the last of two bytes', hex('df bf')],
  ['the last of three bytes', hex('ef bf bf')],
  ['the last of all', hex('f4 8f bf bf')],
  ['the last before the surrogates', hex('ed 9f bf')],
  ['the first after the surrogates', hex('ee 80 80')],
  ['the replacement character', hex('ef bf bd')],
  ['a byte order mark', hex('ef bb bf 61')],
  ['a null byte', hex('61 00 62')],
  ['a noncharacter', hex('ef bf be')],
];

const invalid: [string, Buffer][] = [
  ['a lone continuation byte', hex('80')],
  ['six continuation bytes', hex('80 bf 80 bf 80 bf')],
  ['a start of two without its second', hex('c3 20')],
  ['a start of three cut short', hex('e2 82')],
  ['a start of four cut short', hex('f0 9f 98')],
  ['bytes that never occur', hex('fe ff')],
  ['an overlong slash of two bytes', hex('c0 af')],
  ['an overlong slash of three bytes', hex('e0 80 af')],
  ['an overlong slash of four bytes', hex('f0 80 80 af')],
  ['an overlong null', hex('c0 80')],
  ['a surrogate', hex('ed a0 80')],
  ['a pair of surrogates', hex('ed a0 80 ed b0 80')],
  ['more than the last of all', hex('f4 90 80 80')],
  ['five bytes', hex('f8 88 80 80 80')],
  ['six bytes', hex('fc 84 80 80 80 80')],
  ['a good beginning and a bad end', hex('ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64')],
];

describeSubjects((expectSubject) => {
  test.each(valid)('echoes %s', async (_name, payload) => {
    await expectSubject({}, (peer) => {
      peer.send({ payload });
      peer.expectMessage(text, payload);
      peer.close();
    });
  });

  test.each(valid)('echoes %s in frames of a byte each', async (_name, payload) => {
    await expectSubject({}, (peer) => {
      peer.send({ payload: '', fin: false });
      for (const byte of payload) peer.send({ opcode: continuation, payload: [byte] as never, fin: false });
      peer.send({ opcode: continuation });
      peer.expectMessage(text, payload);
      peer.close();
    });
  });

  test.each(invalid)('refuses %s', async (_name, payload) => {
    await expectSubject({}, (peer, ended) => {
      peer.send({ payload });
      peer.expectClose(1007);
      expect(ended()).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_PROTOCOL', ws: { closeCode: 1007 } });
    });
  });

  test.each(invalid)('refuses %s that is cut into frames', async (_name, payload) => {
    await expectSubject({}, (peer) => {
      const half = Math.floor(payload.length / 2);
      peer.send([
        { payload: payload.subarray(0, half), fin: false },
        { opcode: continuation, payload: payload.subarray(half) },
      ]);
      peer.expectClose(1007);
    });
  });

  test('takes all of them as binary', async () => {
    await expectSubject({}, (peer) => {
      for (const [, payload] of invalid) {
        peer.send({ opcode: binary, payload });
        peer.expectMessage(binary, payload);
      }
      peer.close();
    });
  });
});

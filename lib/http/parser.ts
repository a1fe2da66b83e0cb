import { UnsupportedRuntimeError } from '../errors';
import { native, shared } from '../realm';

// Words that the addon fills in: see native/http/http_room.h.
const stateWord = 0;
const flagsWord = 1;
const statusWord = 2;
const urlSizeWord = 3;
const pendingWord = 5;
const receivedWord = 6;
const answerSizeWord = 7;

/** How much `httpReceive` takes at once. */
export const receiveSize = 65_536;

// Bits of the state: native/http/request_parser.h.
export const headBit = 1;
export const completeBit = 2;
export const rejectedBit = 4;
export const begunBit = 8;

// Bits of the head's flags; the lowest eight are the method's number.
export const minorOne = 1 << 8;
export const keepAlive = 1 << 9;
export const hasBody = 1 << 10;
export const chunkedBody = 1 << 11;
export const upgradeAsked = 1 << 12;
export const expectsContinue = 1 << 13;
export const connectAsked = 1 << 14;

// Flags of an answer: native/http/http_functions.cc.
export const answerNoBody = 1;
export const answerClose = 2;
export const answerPersist = 4;
export const answerNoLength = 8;
export const answerHasDate = 16;
export const answerChunked = 32;

const words = shared('http.info', () => {
  const made = new Uint32Array(8);
  native.httpShareInfo(made);
  return made;
});

/** What the last call of a parser has found: to be read before anybody else can parse. */
export const found = {
  get state(): number {
    return words[stateWord]!;
  },
  get flags(): number {
    return words[flagsWord]!;
  },
  get status(): number {
    return words[statusWord]!;
  },
  get urlSize(): number {
    return words[urlSizeWord]!;
  },
  get pending(): number {
    return words[pendingWord]!;
  },
  /** All bytes of the answer that `httpRespond` was last called for. */
  get answerSize(): number {
    return words[answerSizeWord]!;
  },
  get received(): number {
    return words[receivedWord]!;
  },
};

const methods: (string | undefined)[] = [];

/** The method that a head's flags speak of. */
export function methodOf(flags: number): string {
  const number = flags & 255;
  return (methods[number] ??= native.httpMethodName(number));
}

let supported = false;

/** Throws if Node's HTTP parser is not one that the addon can work with. */
export function requireParser(): void {
  if (supported) return;
  const reason = native.httpSupport();
  if (reason !== undefined) throw new UnsupportedRuntimeError(`verdant/http: ${reason}`);
  supported = true;
}

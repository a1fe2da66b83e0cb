// A DNS server on a green thread: answers what it is told to, and stays silent on everything else.
import { type GreenThread, spawn } from 'verdant';
import { DatagramSocket } from 'verdant/net';

const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;

export type RecordType = Exclude<keyof typeof types, 'ANY'>;

/** The answers to a question `name type`; `'none'`: there is no such name. Unknown questions are not answered. */
export type Zone = Record<string, { type: RecordType; data: Buffer }[] | 'none'>;

export interface NameServer {
  /** As `setServers` takes it. */
  address: string;
  /** The questions so far. */
  asked: string[];
  stop(): void;
}

export function startNameServer(zone: Zone): NameServer {
  const socket = new DatagramSocket('127.0.0.1:0');
  const asked: string[] = [];
  const thread: GreenThread<void> = spawn(() => {
    for (;;) {
      const { data, address } = socket.recvFrom();
      const { question, text } = parse(data);
      asked.push(text);
      const known = zone[text];
      if (known !== undefined) socket.sendTo(answer(data, question, known), address);
    }
  });
  return {
    address: `127.0.0.1:${socket.address.port}`,
    asked,
    stop: () => {
      thread.kill();
      socket.close();
    },
  };
}

export function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export const records = {
  a: (address: string) => ({ type: 'A' as const, data: Buffer.from(address.split('.').map(Number)) }),
  aaaa: (hex: string) => ({ type: 'AAAA' as const, data: Buffer.from(hex, 'hex') }),
  name: (type: 'NS' | 'CNAME' | 'PTR', name: string) => ({ type, data: nameBytes(name) }),
  mx: (priority: number, name: string) => ({
    type: 'MX' as const,
    data: Buffer.concat([u16(priority), nameBytes(name)]),
  }),
  txt: (...texts: string[]) => ({
    type: 'TXT' as const,
    data: Buffer.concat(texts.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]))),
  }),
  srv: (priority: number, weight: number, port: number, name: string) => ({
    type: 'SRV' as const,
    data: Buffer.concat([u16(priority), u16(weight), u16(port), nameBytes(name)]),
  }),
  soa: (server: string, master: string) => ({
    type: 'SOA' as const,
    data: Buffer.concat([nameBytes(server), nameBytes(master), Buffer.alloc(20, 0)]),
  }),
};

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

function parse(message: Buffer): { question: Buffer; text: string } {
  const labels: string[] = [];
  let at = 12;
  for (; message[at] !== 0; at += message[at]! + 1) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]!));
  }
  const number = message.readUInt16BE(at + 1);
  const type = Object.entries(types).find(([, value]) => value === number)?.[0] ?? String(number);
  return { question: message.subarray(12, at + 5), text: `${labels.join('.').toLowerCase()} ${type}` };
}

function answer(message: Buffer, question: Buffer, found: Zone[string]): Buffer {
  const entries = found === 'none' ? [] : found;
  const flags = u16(0x8180 | (found === 'none' ? 3 : 0));
  const header = Buffer.concat([message.subarray(0, 2), flags, u16(1), u16(entries.length), u16(0), u16(0)]);
  const rows = entries.map(({ type, data }) =>
    Buffer.concat([u16(0xc00c), u16(types[type]), u16(1), Buffer.from([0, 0, 0, 77]), u16(data.byteLength), data]),
  );
  return Buffer.concat([header, question, ...rows]);
}

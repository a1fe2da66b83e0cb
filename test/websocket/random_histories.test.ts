// Random histories: whoever sends and receives, with whatever is killed, timed out or closed meanwhile, each message that was sent
// is received once, whole and in its order, and none that was not.
import fc from 'fast-check';
import { Event, type GreenThread, joinAll, run, sleep, spawn, spawnAfter } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type WebSocket, type WebSocketOptions } from 'verdant/websocket';
import { onHub } from '../net/support/hubs';
import { rawClient, type RawPeer, opcodes } from './support/raw_peer';
import { codeOf, withPair } from './support/pairs';
import { withServer } from './support/servers';

// VERDANT_SEED=… repeats a run that failed.
const seed = Number(process.env.VERDANT_SEED ?? Date.now() & 0x7fffffff);
const parameters = { seed, numRuns: 12, endOnFailure: true };

interface Sending {
  sizes: number[];
  timeout: number | null;
  compress: boolean;
  /** After how many milliseconds it is killed. */
  kill: number | null;
}

interface Receiving {
  timeout: number | null;
  kill: number | null;
  /** It dawdles after each message. */
  pause: number;
}

interface History {
  senders: Sending[];
  receivers: Receiving[];
  options: WebSocketOptions;
}

const milliseconds = fc.option(fc.integer({ min: 0, max: 15 }));

const history: fc.Arbitrary<History> = fc.record({
  senders: fc.array(
    fc.record({
      sizes: fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 60_000 })), {
        maxLength: 15,
      }),
      timeout: milliseconds,
      compress: fc.boolean(),
      kill: milliseconds,
    }),
    { maxLength: 5 },
  ),
  receivers: fc.array(fc.record({ timeout: milliseconds, kill: milliseconds, pause: fc.integer({ min: 0, max: 2 }) }), {
    maxLength: 4,
  }),
  options: fc.record({
    compression: fc.boolean(),
    maxQueued: fc.integer({ min: 1, max: 10 }),
    maxQueuedBytes: fc.constantFrom(1, 1000, 100_000),
    highWaterMark: fc.constantFrom(1, 1000, 65_536),
  }),
});

const interruptions = ['ERR_VERDANT_TIMEOUT', 'ERR_VERDANT_KILLED'];

function ignoreInterruption(error: unknown): void {
  if (!interruptions.includes(codeOf(error) as string)) throw error;
}

function killLater(thread: GreenThread, delay: number | null): void {
  if (delay !== null) spawnAfter(delay, () => thread.kill());
}

// All that one sender sends; each message says who it is from and which it is.
function send(ws: WebSocket, name: string, { sizes, timeout, compress }: Sending, sent: string[]): void {
  sizes.forEach((size, number) => {
    const id = `${name}.${number}`;
    try {
      ws.send(`${id}:${'x'.repeat(size)}`, { timeout: timeout ?? Infinity, compress });
      sent.push(`${id}:${size}`);
    } catch (error) {
      ignoreInterruption(error);
      if (codeOf(error) === 'ERR_VERDANT_KILLED') throw error;
    }
  });
}

function summary(message: string | Buffer): string {
  const text = String(message);
  const at = text.indexOf(':');
  return `${text.slice(0, at)}:${text.length - at - 1}`;
}

// What one receiver gets, until it is interrupted or there is no more.
function receive(ws: WebSocket, { timeout, pause }: Receiving, received: string[]): void {
  try {
    for (;;) {
      const message = ws.receive({ timeout: timeout ?? Infinity });
      if (message === null) return;
      received.push(summary(message));
      sleep(pause);
    }
  } catch (error) {
    ignoreInterruption(error);
  }
}

// One direction: all who send, all who receive, and at last one who receives what is left.
function play(
  from: WebSocket,
  to: WebSocket,
  { senders, receivers }: History,
): { sent: string[]; received: string[][] } {
  const sent: string[] = [];
  const received: string[][] = [];
  const takers = receivers.map((one) => {
    const mine: string[] = [];
    received.push(mine);
    const thread = spawn(() => receive(to, one, mine));
    killLater(thread, one.kill);
    return thread;
  });
  const givers = senders.map((one, number) => {
    const thread = spawn(() => send(from, `s${number}`, one, sent));
    killLater(thread, one.kill);
    return thread;
  });
  const last: string[] = [];
  received.push(last);
  const rest = spawn(() => {
    sleep(20);
    receive(to, { timeout: null, kill: null, pause: 0 }, last);
  });
  for (const giver of givers) giver.join();
  from.close();
  joinAll(takers, { timeout: 20_000 });
  rest.wait({ timeout: 20_000 });
  return { sent, received };
}

function inOrder(messages: string[]): boolean {
  const next = new Map<string, number>();
  return messages.every((message) => {
    const [name = '', number = ''] = message.split(/[.:]/);
    const right = Number(number) >= (next.get(name) ?? 0);
    next.set(name, Number(number) + 1);
    return right;
  });
}

describe.each(availableHubs())('on the %s hub,', (hub) => {
  onHub(hub);

  test.each(['client to server', 'server to client'])(
    'no message is lost, doubled or out of order, %s',
    async (way) => {
      await run(() =>
        fc.assert(
          fc.property(history, (plan) => {
            withPair(
              (client, server) => {
                const [from, to] = way === 'client to server' ? [client, server] : [server, client];
                const { sent, received } = play(from, to, plan);
                expect(received.flat().sort()).toEqual([...sent].sort());
                for (const messages of received) expect(inOrder(messages)).toBe(true);
              },
              { client: plan.options, server: plan.options },
            );
          }),
          parameters,
        ),
      );
    },
  );

  test('frames of any size, cut anywhere, come out as the messages they are', async () => {
    const messages = fc.array(
      fc.record({
        binary: fc.boolean(),
        pieces: fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 5 }),
        ping: fc.boolean(),
      }),
      { maxLength: 20 },
    );
    await run(() =>
      fc.assert(
        fc.property(messages, fc.integer({ min: 1, max: 200 }), (plan, chop) => {
          const received: unknown[] = [];
          const done = new Event<null>();
          withServer(
            (ws) => {
              received.push(...ws);
              done.send(null);
            },
            ({ port }) => {
              const peer = rawClient(port);
              peer.send(plan.flatMap(framesOf), chop);
              peer.send({ opcode: opcodes.close });
              closeAfterPongs(peer);
              done.wait({ timeout: 5000 });
            },
          );
          expect(received).toEqual(
            plan.map(({ binary, pieces }) => (binary ? Buffer.from(pieces.join('')) : pieces.join(''))),
          );
        }),
        { ...parameters, numRuns: 20 },
      ),
    );
  });
});

interface Planned {
  binary: boolean;
  pieces: string[];
  ping: boolean;
}

function framesOf({ binary, pieces, ping }: Planned): { opcode: number; payload: string; fin: boolean }[] {
  const first = binary ? opcodes.binary : opcodes.text;
  return pieces.flatMap((payload, at) => [
    { opcode: at === 0 ? first : opcodes.continuation, payload, fin: at === pieces.length - 1 },
    ...(ping ? [{ opcode: opcodes.ping, payload: 'p', fin: true }] : []),
  ]);
}

function closeAfterPongs(peer: RawPeer): void {
  let frame = peer.receive();
  while (frame?.opcode === opcodes.pong) frame = peer.receive();
  expect(frame).toMatchObject({ opcode: opcodes.close });
  peer.expectEnd();
}

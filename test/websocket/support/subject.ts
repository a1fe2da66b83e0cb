/* eslint-disable jest/no-export -- it holds no tests itself: those are the callers' */
// What is tested for conformance: an end of a connection that sends back what it receives, once as a server and once as a client,
// on each hub. The other end is a RawPeer.
import { Event, run, spawn } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { listen } from 'verdant/net';
import { connect, type WebSocket, type WebSocketOptions } from 'verdant/websocket';
import { onHub } from '../../net/support/hubs';
import { rawClient, type RawPeer, rawServer } from './raw_peer';
import { startGreenServer, startNodeServer } from './servers';

/** How the subject's end came to its end. */
export interface Outcome {
  ws: WebSocket;
  /** What ended its loop: null, or the error's code. */
  code: string | null;
}

export interface SubjectOptions extends WebSocketOptions {
  /** The Sec-WebSocket-Extensions header of the peer: an offer, or an answer. */
  extensions?: string;
  /** In place of sending back. */
  converse?: (ws: WebSocket) => void;
}

export type Role = 'server' | 'server on node:http' | 'client';

export type ExpectSubject = (
  options: SubjectOptions,
  use: (peer: RawPeer, ended: () => Outcome) => void,
) => Promise<void>;

function echo(ws: WebSocket): void {
  for (const message of ws) ws.send(message);
}

function asServer(
  start: typeof startGreenServer,
  { extensions, converse = echo, ...options }: SubjectOptions,
  use: Parameters<ExpectSubject>[1],
): void {
  const ends = listenForEnd();
  const server = start((ws) => ends.watch(ws, converse), options);
  const peer = rawClient(server.port, { headers: { 'Sec-WebSocket-Extensions': extensions ?? null } });
  try {
    use(peer, ends.wait);
  } finally {
    peer.socket.close();
    server.close();
  }
}

function asClient(
  { extensions, converse = echo, ...options }: SubjectOptions,
  use: Parameters<ExpectSubject>[1],
): void {
  const ends = listenForEnd();
  using listener = listen('127.0.0.1:0');
  const client = spawn(() => {
    const ws = connect(`ws://127.0.0.1:${listener.address.port}/`, options);
    ends.watch(ws, converse);
    ws.close();
    ws.join();
  });
  const peer = rawServer(listener, extensions === undefined ? {} : { 'Sec-WebSocket-Extensions': extensions });
  try {
    use(peer, ends.wait);
  } finally {
    peer.socket.close();
    client.wait({ timeout: 10_000 });
  }
}

function listenForEnd(): { watch(ws: WebSocket, converse: (ws: WebSocket) => void): void; wait(): Outcome } {
  const ended = new Event<Outcome>();
  return {
    watch(ws, converse) {
      let code: string | null = null;
      try {
        converse(ws);
      } catch (error) {
        code = (error as { code: string }).code;
      }
      ended.send({ ws, code });
    },
    wait() {
      const outcome = ended.wait({ timeout: 10_000 });
      expect(outcome.ws.join({ timeout: 10_000 })).toBe(true);
      return outcome;
    },
  };
}

/** Has `body` make the same tests for both roles, on each hub of this machine. */
export function describeSubjects(body: (expectSubject: ExpectSubject, role: Role) => void): void {
  const roles: [Role, (options: SubjectOptions, use: Parameters<ExpectSubject>[1]) => void][] = [
    ['server', (options, use) => asServer(startGreenServer, options, use)],
    ['server on node:http', (options, use) => asServer(startNodeServer, options, use)],
    ['client', asClient],
  ];
  describe.each(availableHubs())('on the %s hub,', (hub) => {
    onHub(hub);
    describe.each(roles)('the %s', (role, withRole) => {
      body(async (options, use) => {
        await run(() => withRole(options, use));
      }, role);
    });
  });
}

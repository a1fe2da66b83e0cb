// takeOver(): the connection is the handler's, with what has come on it; the server knows it until it is closed.
import { sleep, spawn } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type IncomingMessage, type Request, Response, type ServerResponse, takeOver } from 'verdant/http';
import { type Socket } from 'verdant/net';
import { onHub } from '../../net/support/hubs';
import { answerFrom, codeOf, connected, request, rest, serving, until } from './support/talk';

const upgrade = request('GET /chat', ['Connection: Upgrade', 'Upgrade: echo']);

function echo(socket: Socket, head: Buffer): void {
  socket.sendAll('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  for (let bytes = head; ; bytes = socket.recv()) {
    if (bytes.byteLength > 0) socket.sendAll(bytes);
    else if (bytes !== head) break;
  }
  socket.close();
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test.each([
    [
      'a web-like handler',
      (incoming: Request) => {
        const { socket, head } = takeOver(incoming);
        echo(socket, head);
        return new Response('ignored');
      },
    ],
    [
      'a handler of node:http’s shape',
      (incoming: IncomingMessage, _response: ServerResponse) => {
        const { socket, head } = takeOver(incoming);
        echo(socket, head);
      },
    ],
  ])('%s gets the socket and the bytes behind the request', (_name, handler) =>
    serving(handler, {}, (server) => {
      connected(server, (socket) => {
        socket.sendAll(`${upgrade}early`);
        expect(answerFrom(socket)).toMatchObject({ status: 101, headers: { upgrade: 'echo' } });
        expect(String(socket.recvExactly(5))).toBe('early');
        socket.sendAll('later');
        expect(String(socket.recvExactly(5))).toBe('later');
        expect(server.stats()).toMatchObject({ connections: 0, upgraded: 1 });
        socket.shutdown('write');
        expect(rest(socket)).toBe('');
      });
      until(() => server.stats().upgraded === 0);
      expect(server.stats()).toMatchObject({ running: 0 });
    }),
  );

  test('an upgrade that nobody takes is an ordinary request, and the connection goes on', () =>
    serving(
      (incoming: Request) => new Response(incoming.path),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(upgrade + request('GET /next'));
          expect(answerFrom(socket).body).toBe('/chat');
          expect(answerFrom(socket).body).toBe('/next');
        });
      },
    ));

  test('close() waits for what was taken over, and cuts it in the end', () => {
    const sockets: Socket[] = [];
    return serving(
      (incoming: Request) => {
        const { socket } = takeOver(incoming);
        sockets.push(socket);
        spawn(() => codeOf(() => socket.recv()));
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(upgrade);
          until(() => server.stats().upgraded === 1);
          const { cut } = server.close({ timeout: 5 });
          expect(cut).toEqual([expect.objectContaining({ url: '/chat', state: 'upgraded' }) as unknown]);
          expect(sockets[0]!.closed).toBe(true);
        });
        sleep(1);
      },
    );
  });

  test('a connection is taken once, and not behind an answer', () => {
    const codes: unknown[] = [];
    return serving(
      (incoming: IncomingMessage, response: ServerResponse) => {
        if (incoming.url === '/answered') {
          response.write('x');
          codes.push(codeOf(() => takeOver(incoming)));
          response.end();
          return;
        }
        const { socket } = takeOver(incoming);
        codes.push(codeOf(() => takeOver(incoming)));
        codes.push(codeOf(() => response.end('x')));
        socket.close();
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /answered') + upgrade);
          answerFrom(socket);
          rest(socket);
        });
        expect(codes).toEqual(Array.from({ length: 3 }, () => 'ERR_VERDANT_HTTP_ANSWERED'));
        expect(codeOf(() => takeOver({} as never))).toBe('ERR_INVALID_ARG_TYPE');
      },
    );
  });
});

// Each call that blocks says so outside of a green thread, whether or not it would have to wait, and changes nothing.
import { run } from 'verdant';
import { connect, DatagramSocket, listen, serve, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { using } from './support/sockets';

const calls: [string, () => unknown][] = [
  ['connect', () => connect('127.0.0.1:1')],
  ['Listener.accept', () => using([listen('127.0.0.1:0')], (listener) => listener.accept())],
  ['serve', () => using([listen('127.0.0.1:0')], (listener) => serve(listener, () => {}))],
  ['iteration of a listener', () => using([listen('127.0.0.1:0')], (listener) => [...listener])],
  ...(
    [
      ['recv', (socket) => socket.recv()],
      ['recvInto', (socket) => socket.recvInto(Buffer.alloc(1))],
      ['recvExactly', (socket) => socket.recvExactly(1)],
      ['recvExactly of nothing', (socket) => socket.recvExactly(0)],
      ['recvLine', (socket) => socket.recvLine()],
      ['lines', (socket) => [...socket.lines()]],
      ['send', (socket) => socket.send('x')],
      ['send of nothing', (socket) => socket.send('')],
      ['sendAll', (socket) => socket.sendAll('x')],
      ['sendAll of pieces', (socket) => socket.sendAll(['x', 'y'])],
    ] as [string, (socket: ReturnType<typeof connect>) => unknown][]
  ).map(
    ([name, call]) =>
      [`Socket.${name}`, () => using([...socketPair()] as const, (socket) => call(socket as never))] as [
        string,
        () => unknown,
      ],
  ),
  ...(
    [
      ['recv', (socket) => socket.recv()],
      ['recvFrom', (socket) => socket.recvFrom()],
      ['send', (socket) => socket.send('x')],
      ['sendTo', (socket) => socket.sendTo('x', '127.0.0.1:9')],
    ] as [string, (socket: DatagramSocket) => unknown][]
  ).map(
    ([name, call]) =>
      [`DatagramSocket.${name}`, () => using([new DatagramSocket('127.0.0.1:0')], call)] as [string, () => unknown],
  ),
];

test.each(calls)('%s', (_name, call) => {
  expect(thrown(call)).toEqual(code('ERR_VERDANT_NOT_GREEN'));
});

test('something that has come already changes nothing about that', async () => {
  const [left, right] = socketPair();
  await run(() => left.sendAll('line\nrest'));
  await run(() => right.recvLine());
  expect(thrown(() => right.recv())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  expect(await run(() => String(right.recv()))).toBe('rest');
  left.close();
  right.close();
});

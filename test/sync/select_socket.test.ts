// select() on green sockets of every kind: decided when recv would not wait, whatever the bytes wait in.
import { PassThrough } from 'node:stream';
import { LightQueue, run, select, sleep, spawn } from 'verdant';
import { Socket, socketPair } from 'verdant/net';
import { wrapTls } from 'verdant/tls';
import { code, thrown } from '../core/thrown';
import { ca, server as identity } from '../support/certificates';

const turn = (): Promise<void> => run(() => sleep(0));

test('a socket decides when something comes, and leaves no line behind', async () => {
  const [left, right] = await run(() => socketPair());
  const queue = new LightQueue();
  const thread = spawn(() => select([select.get(queue), select.readable(right)]).index);
  await turn();
  expect([thread.dead, queue.getting()]).toEqual([false, 1]);
  await run(() => left.sendAll('x'));
  expect([await thread, queue.getting()]).toEqual([1, 0]);
  await run(() => expect(String(right.recv())).toBe('x'));
  left.close();
  right.close();
});

test('what a line has left over can be received', async () => {
  const [left, right] = await run(() => socketPair());
  await run(() => {
    left.sendAll('one\ntwo');
    expect(right.recvLine()).toBe('one');
    expect(select([select.readable(right), select.default()]).index).toBe(0);
    expect(String(right.recv())).toBe('two');
    expect(select([select.readable(right), select.default()]).index).toBe(1);
  });
  left.close();
  right.close();
});

test('a socket over a stream decides by what the stream holds', async () => {
  const stream = new PassThrough();
  const socket = Socket.fromNet(stream);
  const thread = spawn(() => select([select.readable(socket)]).index);
  await turn();
  expect(thread.dead).toBe(false);
  stream.write('x');
  expect(await thread).toBe(0);
  await run(() => expect(String(socket.recv())).toBe('x'));
  const end = spawn(() => select([select.readable(socket)]).index);
  await turn();
  stream.end();
  expect(await end).toBe(0);
  await run(() => expect(socket.recv().byteLength).toBe(0));
  socket.close();
});

test('an encrypted socket decides by what is decrypted', async () => {
  const [left, right] = await run(() => socketPair());
  const server = wrapTls(left, { ...identity, isServer: true });
  const client = wrapTls(right, { ca, servername: 'localhost' });
  const thread = spawn(() => {
    expect(select([select.readable(client), select.after(20)]).index).toBe(1);
    expect(select([select.readable(client)]).index).toBe(0);
    return String(client.recv());
  });
  await run(() => {
    server.handshake();
    sleep(60);
    server.sendAll('secret');
  });
  expect(await thread).toBe('secret');
  client.close();
  server.close();
});

test('a socket that is closed meanwhile says so', async () => {
  const [left, right] = await run(() => socketPair());
  const thread = spawn(() => select([select.readable(right)]));
  await turn();
  right.close();
  await expect(thread).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
  left.close();
});

test('a second reader is refused', async () => {
  const [left, right] = await run(() => socketPair());
  const reader = spawn(() => right.recv());
  await turn();
  await run(() => {
    expect(thrown(() => select([select.readable(right)]))).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
  });
  left.close();
  await reader;
  right.close();
});

// Socket.toDuplex(): a Node stream over a green socket: order, backpressure, half-close, errors, pipelines, and its end.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import fc from 'fast-check';
import { run, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { Socket, socketPair } from 'verdant/net';
import { expectOk } from '../support/children';
import { onHub } from './support/hubs';
import { recvAll, tcpPair } from './support/sockets';

/** A stream, and the green socket at its other end. */
function streamAndPeer(pair: () => [Socket, Socket] = socketPair): [Duplex, Socket] {
  const [left, right] = pair();
  return [left.toDuplex(), right];
}

/** Not by `for await`: at the end of what can be read it destroys a stream, with all that is still being written. */
async function readAll(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  await once(stream, 'end');
  return Buffer.concat(pieces);
}

async function eventsOf(stream: Duplex, ...names: string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const name of names) stream.on(name, () => seen.push(name));
  await once(stream, 'close');
  return seen;
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('reads what the peer sends, up to its end', async () => {
    const [stream, peer] = streamAndPeer();
    const sent = spawn(() => {
      peer.sendAll('one ');
      peer.sendAll('two');
      peer.shutdown();
    });
    expect(String(await readAll(stream))).toBe('one two');
    await sent;
    peer.close();
    stream.destroy();
  });

  test('what the socket had received already comes first', async () => {
    const [left, peer] = socketPair();
    await run(() => {
      peer.sendAll('line\nrest ');
      expect(left.recvLine()).toBe('line');
      peer.sendAll('more');
      peer.close();
    });
    const stream = left.toDuplex();
    expect(String(await readAll(stream))).toBe('rest more');
    stream.destroy();
  });

  test('for await gives all there is', async () => {
    const [stream, peer] = streamAndPeer();
    const sender = spawn(() => {
      peer.sendAll(Buffer.alloc(300_000));
      peer.close();
    });
    let length = 0;
    for await (const piece of stream) length += (piece as Buffer).byteLength;
    expect(length).toBe(300_000);
    await sender;
    stream.destroy();
  });

  test('writes arrive in order, and end() ends only that direction', async () => {
    const [stream, peer] = streamAndPeer();
    stream.cork();
    stream.write('one ');
    stream.write('two ');
    stream.uncork();
    stream.end('three');
    const received = await run(() => String(recvAll(peer)));
    expect(received).toBe('one two three');
    await run(() => {
      peer.sendAll('answer');
      peer.close();
    });
    expect(String(await readAll(stream))).toBe('answer');
  });

  test('closes the socket, and says so, after both directions have ended', async () => {
    const [left, peer] = socketPair();
    const stream = left.toDuplex();
    const seen = eventsOf(stream, 'finish', 'end', 'close');
    stream.end();
    stream.resume();
    await run(() => {
      recvAll(peer);
      peer.close();
    });
    expect((await seen).at(-1)).toBe('close');
    expect((await seen).sort()).toEqual(['close', 'end', 'finish']);
    expect(left.closed).toBe(true);
  });

  test('does not read while nobody wants to, nor take more than it is given room for', async () => {
    const [stream, peer] = streamAndPeer();
    const big = Buffer.alloc(8_000_000, 'b');
    const sender = spawn(() => {
      peer.sendAll(big);
      peer.close();
    });
    await once(stream, 'readable');
    await run(() => undefined);
    expect(stream.readableLength).toBeLessThanOrEqual(2 * stream.readableHighWaterMark);
    expect(sender.dead).toBe(false);
    expect((await readAll(stream)).equals(big)).toBe(true);
    await sender;
    stream.destroy();
  });

  test('write() says when it is too much, and drain when it is not any more', async () => {
    const [stream, peer] = streamAndPeer();
    const big = Buffer.alloc(4_000_000, 'b');
    expect(stream.write(big)).toBe(false);
    const drained = once(stream, 'drain');
    const received = await run(() => peer.recvExactly(big.byteLength));
    expect(received.equals(big)).toBe(true);
    await drained;
    stream.destroy();
    peer.close();
  });

  test('destroy(error) emits it, and resets the connection', async () => {
    const [stream, peer] = await run(() => streamAndPeer(tcpPair));
    const failure = new Error('enough');
    const seen = once(stream, 'error');
    const broken = spawn(() => peer.recv());
    await run(() => undefined);
    stream.destroy(failure);
    expect(await seen).toEqual([failure]);
    await expect(broken).rejects.toMatchObject({ code: 'ECONNRESET' });
    peer.close();
  });

  test('emits the error of the system', async () => {
    const [stream, peer] = await run(() => streamAndPeer(tcpPair));
    stream.resume();
    const seen = once(stream, 'error');
    await run(() => peer.close({ reset: true }));
    expect(await seen).toEqual([expect.objectContaining({ code: 'ECONNRESET', syscall: 'read' })]);
  });

  test('a write that is under way when the stream is destroyed calls back with an error', async () => {
    const [stream, peer] = streamAndPeer();
    const outcome = new Promise((resolve) => stream.write(Buffer.alloc(4_000_000), resolve));
    await run(() => undefined);
    stream.destroy();
    expect(await outcome).toEqual(expect.objectContaining({ code: expect.any(String) }));
    peer.close();
  });

  test('all that is being written arrives before the end', async () => {
    const [stream, peer] = streamAndPeer();
    const big = Buffer.alloc(4_000_000, 'b');
    stream.write(big);
    stream.end('the end');
    const received = await run(() => recvAll(peer));
    expect(received.equals(Buffer.concat([big, Buffer.from('the end')]))).toBe(true);
    stream.destroy();
    peer.close();
  });

  test('a write that is under way when the stream is destroyed is told before the stream has closed', async () => {
    const [stream, peer] = streamAndPeer();
    const seen: string[] = [];
    stream.write(Buffer.alloc(4_000_000), () => seen.push('written'));
    stream.destroy();
    stream.on('close', () => seen.push('close'));
    await once(stream, 'close');
    expect(seen).toEqual(['written', 'close']);
    peer.close();
  });

  test('a write that fails while it waits calls back with the error of the system, and emits it', async () => {
    const [stream, peer] = await run(() => streamAndPeer(tcpPair));
    const outcome = new Promise((resolve) => stream.write(Buffer.alloc(16_000_000), resolve));
    const emitted = once(stream, 'error');
    await run(() => peer.close({ reset: true }));
    const error = await outcome;
    expect((error as { code: string }).code).toMatch(/^(ECONNRESET|EPIPE)$/);
    expect(await emitted).toEqual([error]);
  });

  test('an error that comes while nobody reads is emitted when somebody does', async () => {
    const [stream, peer] = await run(() => streamAndPeer(tcpPair));
    const errors: unknown[] = [];
    stream.on('error', (error) => errors.push(error));
    await run(() => peer.close({ reset: true }));
    expect(errors).toEqual([]);
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(errors).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
  });

  test('paused and resumed, it goes on where it was', async () => {
    const [stream, peer] = streamAndPeer();
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => {
      pieces.push(piece);
      stream.pause();
      setImmediate(() => stream.resume());
    });
    const big = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const sender = spawn(() => {
      peer.sendAll(big);
      peer.close();
    });
    await once(stream, 'end');
    expect(Buffer.concat(pieces).equals(big)).toBe(true);
    await sender;
    stream.destroy();
  });

  test('holds no green thread, neither while it waits to read nor while it waits to write', async () => {
    const { greenThreads, listeners } = getHub().stats();
    const [stream, peer] = streamAndPeer();
    stream.resume();
    stream.write(Buffer.alloc(4_000_000));
    await run(() => undefined);
    expect(getHub().stats()).toMatchObject({ greenThreads, listeners: listeners + 2 });
    stream.on('error', () => {}).destroy();
    await once(stream, 'close');
    expect(getHub().stats().listeners).toBe(listeners);
    peer.close();
  });

  test('over another stream its green threads are named, and gone when it has closed', async () => {
    const before = getHub().stats().greenThreads;
    const [left, peer] = socketPair();
    const stream = Socket.fromNet(left.toDuplex()).toDuplex();
    stream.resume();
    await run(() => undefined);
    const names = getHub()
      .suspendedFlows()
      .map((flow) => /^.* \(/.exec(flow.describe())![0]);
    expect(names).toContain('Socket.toDuplex() reader (');
    stream.on('error', () => {}).destroy();
    await once(stream, 'close');
    expect(getHub().stats().greenThreads).toBe(before);
    peer.close();
  });

  test('its listeners run on no green thread, and in the context of who made it', async () => {
    const store = new AsyncLocalStorage<string>();
    const [left, peer] = socketPair();
    const stream = store.run('maker', () => left.toDuplex());
    const told = new Promise((resolve) => {
      stream.on('data', () => resolve([getHub().current, store.getStore()]));
    });
    await run(() => store.run('sender', () => peer.sendAll('x')));
    expect(await told).toEqual([null, 'maker']);
    stream.destroy();
    peer.close();
  });

  test('who reads its socket, too, is refused', async () => {
    const [left, peer] = socketPair();
    const stream = left.toDuplex();
    stream.resume();
    await run(() => undefined);
    await expect(run(() => left.recv())).rejects.toMatchObject({
      code: 'ERR_VERDANT_CONCURRENT_USE',
      message: expect.stringContaining('The first: Socket.toDuplex() reader'),
    });
    stream.destroy();
    peer.close();
  });

  test('breaks with an error when its hub ends while it waits', async () => {
    const [stream, peer] = streamAndPeer();
    stream.resume();
    await run(() => undefined);
    const failed = once(stream, 'error');
    getHub().destroy();
    expect(await failed).toEqual([expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' })]);
    peer.close();
  });

  test('compressed through a pipeline it is what it was', async () => {
    const [left, right] = socketPair();
    const [there, back] = [left.toDuplex(), right.toDuplex()];
    const text = Buffer.from('what goes in comes out; '.repeat(50_000));
    const received = new PassThrough();
    const [result] = await Promise.all([
      readAll(received),
      pipeline(Readable.from([text]), createGzip(), there),
      pipeline(back, createGunzip(), received),
    ]);
    expect(result.equals(text)).toBe(true);
    there.destroy();
    back.destroy();
  });
});

test('random pieces in both directions at once, through streams on either side', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (toRight, toLeft) => {
      const [left, right] = socketPair();
      const [a, b] = [left.toDuplex(), right.toDuplex()];
      for (const piece of toRight) a.write(piece);
      for (const piece of toLeft) b.write(piece);
      a.end();
      b.end();
      const [atLeft, atRight] = await Promise.all([readAll(a), readAll(b)]);
      expect(atLeft.equals(Buffer.concat(toLeft))).toBe(true);
      expect(atRight.equals(Buffer.concat(toRight))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('what a listener throws is an uncaught exception, as with any stream', async () => {
  await expectOk(__dirname, 'duplex_listener_throws.cjs');
});

test.each(availableHubs())('a stream that nobody reads keeps no process alive (hub %s)', async (hub) => {
  await expectOk(__dirname, 'duplex_idle.cjs', { env: { VERDANT_HUB: hub } });
});

// While green threads are parked on descriptors, all the rest of Node goes on, on every hub.
import { execFile, fork } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type GreenThread, run, sleep, spawn, wait } from 'verdant';
import { getHub } from 'verdant/hub';
import { type Socket, socketPair } from 'verdant/net';
import { describeEveryHub } from '../support/every_hub';

describeEveryHub(() => {
  let sockets: Socket[];
  let parked: GreenThread<void>[];

  beforeEach(async () => {
    sockets = socketPair();
    // One waits for what never comes; two play ping-pong, so that descriptors are ready all the time.
    const balls = socketPair();
    sockets.push(...balls);
    const pingPong = (socket: Socket): void => {
      for (let ball = socket.recv(); ball.length > 0; ball = socket.recv()) socket.send(ball);
    };
    parked = [
      spawn(() => void sockets[0]!.recv()),
      ...balls.map((socket) => spawn(pingPong, socket)),
      spawn(() => void balls[0].send('o')),
    ];
    await run(() => sleep(1));
    expect(getHub().stats().greenThreads).toBeGreaterThanOrEqual(3);
  });

  afterEach(async () => {
    // They are all still there.
    expect(parked.slice(0, 3).every((thread) => !thread.dead)).toBe(true);
    for (const thread of parked) thread.kill();
    await Promise.allSettled(parked);
    for (const socket of sockets) socket.close();
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, listeners: 0, timers: 0 });
  });

  test('setTimeout, setInterval and setImmediate', async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      let ticks = 0;
      const interval = setInterval(() => {
        ticks += 1;
        if (ticks < 5) return;
        clearInterval(interval);
        seen.push('interval');
        resolve();
      }, 2);
      setImmediate(() => seen.push('immediate'));
      setTimeout(() => seen.push('timeout'), 1);
    });
    expect(seen.sort()).toEqual(['immediate', 'interval', 'timeout']);
  });

  test('an immediate that is not to keep the process alive', async () => {
    await new Promise<void>((resolve) => setImmediate(resolve).unref());
    expect(parked[0]!.state).toBe('suspended');
  });

  test('a timer that is not to keep the process alive', async () => {
    await new Promise<void>((resolve) => setTimeout(resolve, 2).unref());
    expect(parked[0]!.state).toBe('suspended');
  });

  test('process.nextTick, microtasks and promises, in their order', async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        void Promise.resolve().then(() => seen.push('reaction'));
        queueMicrotask(() => seen.push('microtask'));
        process.nextTick(() => seen.push('tick'));
        setImmediate(resolve);
      });
    });
    expect(seen).toEqual(['tick', 'reaction', 'microtask']);
  });

  test('fs.promises, awaited and from a green thread', async () => {
    expect(await readFile(__filename, 'utf8')).toContain('fs.promises');
    expect(await run(() => wait(readFile(__filename, 'utf8')))).toContain('fs.promises');
  });

  test('fetch to a server of node:http in the same process', async () => {
    const server = createHttpServer((request, response) => {
      request.on('data', (piece: Buffer) => response.write(piece)).on('end', () => response.end('!'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const ask = (body: string): Promise<string> =>
      fetch(url, { method: 'POST', body, headers: { connection: 'close' } }).then((response) => response.text());
    expect(await Promise.all(['a', 'b', 'c'].map(ask))).toEqual(['a!', 'b!', 'c!']);
    expect(await run(() => wait(ask('green')))).toBe('green!');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('sockets of node:net, many at a time', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const echo = async (index: number): Promise<number> => {
      const socket = connect(port, '127.0.0.1');
      let size = 0;
      socket.on('data', (piece: Buffer) => (size += piece.length)).end(Buffer.alloc(100_000 + index));
      await once(socket, 'close');
      return size;
    };
    const sizes = await Promise.all(Array.from({ length: 20 }, (_, index) => echo(index)));
    expect(sizes).toEqual(Array.from({ length: 20 }, (_, index) => 100_000 + index));
    await new Promise((resolve) => server.close(resolve));
  });

  test('child processes: their output, their end, their messages', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-p', '6 * 7']);
    expect(stdout).toBe('42\n');
    const child = fork(join(__dirname, 'children/parrot.cjs'), { execArgv: [] });
    child.send('hello');
    expect(await once(child, 'message')).toEqual(['hello', undefined]);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('Workers: messages there and back, and their end', async () => {
    const worker = new Worker(join(__dirname, 'children/parrot.cjs'));
    for (let round = 0; round < 10; round += 1) {
      worker.postMessage(round);
      expect(await once(worker, 'message')).toEqual([round]);
    }
    const ended = once(worker, 'exit');
    worker.postMessage(null);
    expect(await ended).toEqual([0]);
  });

  test('MessageChannel and BroadcastChannel', async () => {
    const { port1, port2 } = new MessageChannel();
    const came = once(port2 as unknown as NodeJS.EventEmitter, 'message');
    port1.postMessage('x');
    expect(await came).toEqual(['x']);
    port1.close();
    const [here, there] = [new BroadcastChannel('verdant'), new BroadcastChannel('verdant')];
    const heard = new Promise((resolve) => {
      there.onmessage = (event) => resolve((event as { data: unknown }).data);
    });
    here.postMessage('y');
    expect(await heard).toBe('y');
    here.close();
    there.close();
  });

  test('dns.lookup, by name', async () => {
    const { address } = await lookup('localhost', 4);
    expect(address).toBe('127.0.0.1');
  });

  test('finalization callbacks, after a garbage collection', async () => {
    let finalized = false;
    const registry = new FinalizationRegistry(() => (finalized = true));
    (() => registry.register({}, undefined))();
    while (!finalized) {
      (globalThis as { gc?: () => void }).gc!();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(finalized).toBe(true);
  });

  test('AbortSignal.timeout', async () => {
    const signal = AbortSignal.timeout(5);
    await once(signal as unknown as EventTarget as never, 'abort');
    expect(signal.aborted).toBe(true);
  });
});

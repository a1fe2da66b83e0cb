// The examples run as they are shown: each as a process, with somebody who talks to it.
import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, spawn, wait, withTimeout } from 'verdant';
import { connect, listen, type Socket } from 'verdant/net';

const folder = join(__dirname, '../../examples');
const limit = { timeout: 20_000 };

interface Example {
  /** Where it listens. */
  ports: number[];
  /** Asks it to end; gives how it ended. */
  stop(signal: NodeJS.Signals): { code: number | null; stderr: string };
}

// Starts one, and waits until it has said `lines` times where it listens.
function start(name: string, args: string[], lines = 1): Example {
  const child: ChildProcess = spawnProcess(process.execPath, [join(folder, name), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stderr!.on('data', (text) => (stderr += String(text)));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (text) => {
      stdout += String(text);
      if (stdout.split('\n').length > lines) resolve();
    });
    child.on('close', () => reject(new Error(`${name} ended:\n${stdout}${stderr}`)));
  });
  wait(ready, limit);
  return {
    ports: [...stdout.matchAll(/:(\d+)$/gm)].map((match) => Number(match[1])),
    stop(signal) {
      child.kill(signal);
      const code = wait(exited, limit);
      return { code, stderr };
    },
  };
}

function withSocket<R>(port: number, use: (socket: Socket) => R): R {
  const socket = connect({ host: '127.0.0.1', port }, limit).setTimeout(limit.timeout);
  try {
    return use(socket);
  } finally {
    socket.close();
  }
}

function expectEcho(port: number): void {
  const data = Buffer.alloc(300_000, 'echo');
  withSocket(port, (socket) => {
    const sender = spawn(() => {
      socket.sendAll(data);
      socket.shutdown();
    });
    expect(socket.recvExactly(data.length).equals(data)).toBe(true);
    expect(socket.recv()).toHaveLength(0);
    sender.wait();
  });
}

// A port that is free now, for servers of which several must agree on one.
function freePort(): number {
  const listener = listen('127.0.0.1:0');
  listener.close();
  return listener.address.port;
}

test('echo_server sends back what it is sent', async () => {
  await run(() => {
    const { ports, stop } = start('echo_server.mjs', ['--port', '0']);
    expectEcho(ports[0]!);
    expectEcho(ports[0]!);
    expect(stop('SIGINT')).toEqual({ code: 0, stderr: '' });
  });
});

test('chat_server tells everybody what the others type, and who comes and goes', async () => {
  await run(() => {
    const { ports, stop } = start('chat_server.mjs', ['--port', '0']);
    withSocket(ports[0]!, (ann) => {
      const name = (socket: Socket): number => socket.localAddress!.port;
      withSocket(ports[0]!, (bob) => {
        expect(ann.recvLine()).toBe(`* ${name(bob)} has come`);
        ann.sendAll('hello\n');
        expect(bob.recvLine()).toBe(`${name(ann)}: hello`);
        bob.sendAll('who is there?\n');
        expect(ann.recvLine()).toBe(`${name(bob)}: who is there?`);
        bob.close();
        expect(ann.recvLine()).toMatch(/^\* \d+ has gone$/);
      });
    });
    expect(stop('SIGINT')).toEqual({ code: 0, stderr: '' });
  });
});

test('tcp_proxy passes on what it gets, in both directions and to the end of each', async () => {
  await run(() => {
    const echo = start('echo_server.mjs', ['--port', '0']);
    const proxy = start('tcp_proxy.mjs', ['--port', '0', '--to', `127.0.0.1:${echo.ports[0]}`]);
    expectEcho(proxy.ports[0]!);
    expectEcho(proxy.ports[0]!);
    expect(proxy.stop('SIGINT')).toEqual({ code: 0, stderr: '' });
    expect(echo.stop('SIGINT')).toEqual({ code: 0, stderr: '' });
  });
});

test('port_scanner finds the ports that are open, and no others', async () => {
  await run(() => {
    const listener = listen('127.0.0.1:0');
    const { port } = listener.address;
    const range = ['--from', String(port - 300), '--to', String(port), '--parallel', '50'];
    const child = spawnProcess(process.execPath, [join(folder, 'port_scanner.mjs'), '127.0.0.1', ...range]);
    let output = '';
    child.stdout.on('data', (text) => (output += String(text)));
    const code = wait(new Promise<number | null>((resolve) => child.on('close', resolve)), limit);
    listener.close();
    expect(code).toBe(0);
    expect(output.trimEnd().split('\n')).toContain(`${port} is open`);
    expect(output).toMatch(/^(\d+ is open\n)+$/);
    expect(output.split('\n').length).toBeLessThan(300);
  });
});

test.each(['cluster/processes.mjs', 'cluster/threads.mjs'])('%s serves one port from several workers', async (name) => {
  await run(() => {
    const port = freePort();
    const { ports, stop } = start(name, ['--port', String(port), '--workers', '3'], 3);
    expect(ports).toEqual([port, port, port]);
    withTimeout(limit.timeout, () => {
      for (let count = 0; count < 12; count += 1) expectEcho(port);
    });
    expect(stop('SIGTERM')).toEqual({ code: 0, stderr: '' });
  });
});

test('each is short', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs'));
  expect(files.length).toBeGreaterThanOrEqual(6);
  for (const file of files) {
    const { length } = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
    expect([file, length < 40]).toEqual([file, true]);
  }
});

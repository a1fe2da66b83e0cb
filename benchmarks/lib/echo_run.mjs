// Starts one echo server on one CPU and puts load on it from another.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Failure } from '../../scripts/lib/run.mjs';
import { echoLoad } from './compiled.mjs';
import { lineReader } from './line_reader.mjs';
import { pinned } from './machine.mjs';

const [serverCpu, loadCpu] = [0, availableParallelism() - 1];

function start([command, args], env = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const ended = once(child, 'close');
  ended.catch(() => undefined); // could not be started: the reader of its lines says so
  child.stdin.on('error', () => undefined); // it has ended already
  return { child, ended };
}

/** Runs `use(server)` while the peer's server runs: `{ port, pid, memory(), descriptors() }`. */
export async function withServer(peer, use) {
  const { child, ended } = start(pinned(peer.command, peer.args, serverCpu), peer.env);
  try {
    const next = lineReader(child, peer.name);
    const { port } = await next();
    return await use({
      port,
      pid: child.pid,
      /** What process.memoryUsage() says after a full GC; servers on Node only. */
      memory() {
        child.stdin.write('\n');
        return next();
      },
      descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/**
 * Puts load on a server; options as in load/options.h, in camelCase, but `seconds` and `warmup` in seconds. Resolves to the measurement, or to null when there
 * are no busy connections. `whenOpen` is called between opening all connections and using them.
 */
export async function load({ port, pid }, { seconds = 1, warmup = 0, ...options }, whenOpen) {
  const times = { milliseconds: seconds * 1000, warmup: warmup * 1000 };
  const words = Object.entries({ port, serverPid: pid, hold: whenOpen ? 1 : 0, ...times, ...options }).flatMap(
    ([key, value]) => [`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value)],
  );
  const { child, ended } = start(pinned(await echoLoad(), words, loadCpu));
  try {
    const next = lineReader(child, 'the load');
    await next();
    await whenOpen?.();
    child.stdin.end('\n');
    const result = options.connections === 0 ? null : await next();
    const [code, signal] = await ended;
    if (code !== 0) throw new Failure(`the load: ${signal ?? `exit code ${code}`}`);
    return result;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

// Puts load on an HTTP server from a CPU of its own: wrk, with one thread.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { at } from '../../scripts/lib/paths.mjs';
import { Failure } from '../../scripts/lib/run.mjs';
import { pinned } from './machine.mjs';
import { usageOf } from './process_usage.mjs';

async function wrk(port, { method, body }, connections, seconds) {
  const options = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    at('benchmarks/load/http.lua'),
  ];
  const request = body === undefined ? [] : [method, body];
  const [command, args] = pinned('wrk', [...options, `http://127.0.0.1:${port}/`, '--', ...request]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Failure(`wrk: ${signal ?? `exit code ${code}`}\n${output}`);
  const report = JSON.parse(output.trim().split('\n').at(-1));
  if (Object.values(report.errors).some((count) => count > 0)) {
    throw new Failure(`wrk had errors: ${JSON.stringify(report.errors)}`);
  }
  return report;
}

// By the same load, until the server has had so much CPU time: on a busy machine that takes longer.
async function warmUp({ port, pid }, workload, connections, seconds) {
  const mostRuns = 5; // a handler that sleeps does not use it all
  for (let runs = 0; runs < mostRuns; runs += 1) {
    await wrk(port, workload, connections, seconds);
    if (usageOf(pid).cpuSeconds > Number(seconds)) break;
  }
}

/** One measurement of a server that is warm. */
export async function load({ port, pid }, workload, { connections, seconds, warmup }) {
  await warmUp({ port, pid }, workload, connections, warmup);
  const before = usageOf(pid);
  const report = await wrk(port, workload, connections, seconds);
  const after = usageOf(pid);
  const elapsed = report.microseconds / 1e6;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    perSecond: report.requests / elapsed,
    perCpuSecond: report.requests / cpuSeconds,
    microseconds: { p50: report.p50, p99: report.p99, p999: report.p999 },
    server: {
      busy: cpuSeconds / elapsed,
      kept: (after.waitedSeconds - before.waitedSeconds) / elapsed,
      residentBytes: after.residentBytes,
    },
    client: { busy: report.cpuSeconds / elapsed },
  };
}

// What a process has used so far, all its threads together: Linux's books.
import { readdirSync, readFileSync } from 'node:fs';

/** `{ cpuSeconds, waitedSeconds, residentBytes }`; waited: ready to run, but its CPU did something else. */
export function usageOf(pid) {
  let [cpu, waited] = [0, 0];
  // schedstat counts nanoseconds; the ticks of `stat` would be too coarse.
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [ran, kept] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ').map(Number);
    cpu += ran;
    waited += kept;
  }
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuSeconds: cpu / 1e9, waitedSeconds: waited / 1e9, residentBytes: Number(kibibytes) * 1024 };
}

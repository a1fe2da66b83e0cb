// After every test file: no green thread, stack, hub timer, file descriptor or process listener is left over.
// The check is the first `afterAll` at the top of the file, so a file's own cleaning up belongs into `afterEach`, or into an
// `afterAll` inside of a `describe`: those come before it.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { getHub } from 'verdant/hub';
import { slowness } from './children';

/** What a file may have left behind, by name. */
type Holdings = Map<string, number>;

/** Closing a socket or unwinding a thread takes turns of the loop: what is not gone by then never goes. */
const patience = 2_000;

const fdFolder = '/proc/self/fd';

// Node makes these at first use and keeps them: they are nobody's leak.
const madeOnce = /^(anon_inode:\[(eventpoll|eventfd|io_uring)\]|\/dev\/(null|tty|pts\/\d+|u?random))$/;

function measure(): Holdings {
  const { greenThreads, timers, ready, suspended, stacks } = getHub().stats();
  const holdings: Holdings = new Map([
    ['live green threads', greenThreads],
    ['green threads ready to run', ready],
    ['suspended coroutines', suspended],
    ['stacks in use', stacks.inUse],
    ['timers of the hub', timers],
  ]);
  for (const event of process.eventNames()) {
    holdings.set(`listeners of process '${String(event)}'`, process.listenerCount(event));
  }
  for (const [target, count] of openFiles()) holdings.set(`open files '${target}'`, count);
  return holdings;
}

function openFiles(): Holdings {
  const targets: Holdings = new Map();
  if (!existsSync(fdFolder)) return targets;
  for (const fd of readdirSync(fdFolder)) {
    const target = targetOf(fd);
    if (target === null || madeOnce.test(target)) continue;
    targets.set(target, (targets.get(target) ?? 0) + 1);
  }
  for (const [target, count] of targets) {
    // Both ends of one pipe: the one through which libuv passes signals on, made for the first child process.
    if (target.startsWith('pipe:') && count === 2) targets.delete(target);
  }
  return targets;
}

function targetOf(fd: string): string | null {
  try {
    return readlinkSync(`${fdFolder}/${fd}`);
  } catch {
    return null; // the one with which the folder itself was read
  }
}

function leftOver(before: Holdings, after: Holdings): string[] {
  const lines: string[] = [];
  for (const [what, count] of after) {
    const was = before.get(what) ?? 0;
    if (count > was) lines.push(`  ${what}: ${was} before, ${count} now`);
  }
  return lines;
}

function parkedStacks(): string {
  const hub = getHub();
  const stacks = hub.suspendedFlows().map((flow) => flow.describe());
  return stacks.length === 0 ? '' : `\n${stacks.join('\n')}`;
}

const before = measure();

afterAll(
  async () => {
    const deadline = performance.now() + patience * slowness;
    let left = leftOver(before, measure());
    while (left.length > 0 && performance.now() < deadline) {
      await delay(5);
      left = leftOver(before, measure());
    }
    if (left.length > 0) throw new Error(`This test file left something behind:\n${left.join('\n')}${parkedStacks()}`);
  },
  (patience + 20_000) * slowness,
);

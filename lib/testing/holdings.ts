import { getEventListeners, type EventEmitter } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { getHub } from '../hub/registry';

/** What a program holds at one moment: how many of what, by name. */
export type Holdings = Map<string, number>;

/** Something one can listen to: an EventEmitter, an AbortSignal or another EventTarget. */
export type Emitter = Pick<EventEmitter, 'eventNames' | 'listenerCount'> | EventTarget;

const fdFolder = '/proc/self/fd';

// Node makes these at first use and keeps them: they are nobody's leak.
const madeOnce = /^(anon_inode:\[(eventpoll|eventfd|io_uring)\]|\/dev\/(null|tty|pts\/\d+|u?random))$/;

export function measure(emitters: readonly Emitter[]): Holdings {
  const { greenThreads, timers, ready, suspended, listeners, stacks } = getHub().stats();
  const holdings: Holdings = new Map([
    ['live green threads', greenThreads],
    ['green threads ready to run', ready],
    ['suspended coroutines', suspended],
    ['stacks in use', stacks.inUse],
    ['timers of the hub', timers],
    ['waiters for file descriptors', listeners],
  ]);
  addListeners(holdings, process, 'process');
  emitters.forEach((emitter, number) => addListeners(holdings, emitter, `emitters[${number}]`));
  for (const [target, count] of openFiles()) holdings.set(`open files '${target}'`, count);
  return holdings;
}

/** What is more now than before, a line each. */
export function excess(before: Holdings, now: Holdings): string[] {
  const lines: string[] = [];
  for (const [what, count] of now) {
    const was = before.get(what) ?? 0;
    if (count > was) lines.push(`  ${what}: ${was} before, ${count} now`);
  }
  return lines;
}

function addListeners(holdings: Holdings, emitter: Emitter, name: string): void {
  if ('listenerCount' in emitter) {
    for (const event of emitter.eventNames()) {
      holdings.set(`listeners of ${name} '${String(event)}'`, emitter.listenerCount(event));
    }
  } else {
    // An EventTarget does not tell what is listened to; a signal has this event only.
    holdings.set(`listeners of ${name} 'abort'`, getEventListeners(emitter, 'abort').length);
  }
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

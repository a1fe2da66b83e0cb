// Preloaded before a library's own tests, which allow a few milliseconds by the wall clock: time that passes only when the
// process has nothing else to do, and then at once, however busy the machine is.
const timers = new Set();
const RealDate = Date;
let now = RealDate.now();
let looking = false;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [now] : args));
  }
  static now() {
    return now;
  }
};

class VirtualTimer {
  constructor(delay, callback, args) {
    Object.assign(this, { due: now + Math.max(1, Math.trunc(delay) || 1), callback, args });
    timers.add(this);
    look();
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return true;
  }
}

// What is ready now is done first: immediates, promises, a few passes of I/O.
function look() {
  if (looking) return;
  looking = true;
  let passes = 5;
  setImmediate(function pass() {
    passes -= 1;
    if (passes > 0) return setImmediate(pass);
    looking = false;
    const [next] = [...timers].sort((a, b) => a.due - b.due);
    if (next === undefined) return undefined;
    timers.delete(next);
    if (timers.size > 0) look();
    now = Math.max(now, next.due);
    return next.callback(...next.args);
  });
}

globalThis.setTimeout = (callback, delay, ...args) => new VirtualTimer(delay, callback, args);
globalThis.clearTimeout = (timer) => void timers.delete(timer);

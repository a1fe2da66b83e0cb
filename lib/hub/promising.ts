import { type Hub } from './hub';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Promising = (fn: AnyFunction) => AnyFunction;

const wrapped = Symbol.for('verdant.promising');

/**
 * V8 keeps the stacks of WebAssembly's promise integration (Node 24 and later) in one place for the whole isolate, not for
 * each thread it archives: entered from a green thread they end in an abort. A promising export returns a promise in any
 * case, so a call from a green thread is made from Node's own stack at the hub's next turn. Exports that were made
 * promising before verdant was loaded are not seen.
 */
export function guardPromisingExports(hubInUse: () => Hub | null): void {
  const host = (globalThis as { WebAssembly?: { promising?: Promising & { [wrapped]?: true } } }).WebAssembly;
  const promising = host?.promising;
  if (host === undefined || typeof promising !== 'function' || promising[wrapped] === true) return;
  const guarded = (fn: AnyFunction): AnyFunction => {
    const exported = promising(fn);
    return function (...args) {
      const hub = hubInUse();
      const onGreen = (hub?.current ?? null) !== null;
      if (hub === null || !onGreen) return exported.apply(this, args);
      return new Promise((resolve) => {
        hub.callSoon(() => resolve(exported.apply(this, args)));
      });
    };
  };
  Object.defineProperty(host, 'promising', {
    value: Object.assign(guarded, { [wrapped]: true as const }),
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

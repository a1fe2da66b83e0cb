import { types } from 'node:util';
import { validateObject } from '../validate';
import { type BlockingSignatures } from './overloads';
import { adopt, isThenable, wait } from './wait';

type AnyFunction = (...args: never[]) => unknown;

/** An object whose promise-returning methods block. See {@link blocking}. */
export type Blocking<T> = T extends new (...args: infer A) => infer I
  ? BlockingMembers<T> & (new (...args: A) => Blocking<I>)
  : T extends (...args: never[]) => unknown
    ? BlockingMembers<T> & BlockingSignatures<T>
    : T extends object
      ? BlockingMembers<T>
      : T;

type BlockingMembers<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown
    ? T[K] extends new (...args: never[]) => unknown
      ? Blocking<T[K]>
      : BlockingSignatures<T[K]>
    : T[K];
};

/**
 * A view of an object or module on which every method that returns a promise blocks the calling green thread instead.
 * Everything else is as on the original: `this`, getters, fields, results that are no promises, `instanceof`. Namespaces
 * (plain objects and modules inside of it) and instances made by its classes are seen the same way; a method that returns
 * its own object returns the view. Constant properties (of a frozen object) are seen as they are, since the language wants
 * it so; instances of a subclass of a view are the subclass' own.
 * @param target - a client, a module, a class
 * @throws (the methods) `ERR_VERDANT_NOT_GREEN` when the result is a promise and nobody can block
 * @example
 * ```ts
 * import * as fs from 'node:fs';
 * import { blocking, run } from 'verdant';
 *
 * const { promises } = blocking(fs);
 * await run(() => console.log(promises.readFile('package.json', 'utf8').length > 0)); // true
 * ```
 */
export function blocking<T extends object>(target: T): Blocking<T> {
  validateObject(target, 'target');
  return view(target) as Blocking<T>;
}

// Each object has one view, so that identity survives: blocking(a) === blocking(a), and x.f === x.f.
const views = new WeakMap<object, object>();
const originals = new WeakMap<object, object>();

function view(target: object): object {
  if (originals.has(target)) return target;
  let made = views.get(target);
  if (made === undefined) {
    made = new Proxy(target, handler);
    views.set(target, made);
    originals.set(made, target);
  }
  return made;
}

const handler: ProxyHandler<object> = {
  // Accessors and methods see the original as `this`: private fields live on it.
  get(target, key) {
    const value: unknown = Reflect.get(target, key, target);
    if (!isSeenThrough(value, key) || isFixed(target, key)) return value;
    // call, apply and bind come back to us by the apply trap.
    if (typeof target === 'function' && !Object.hasOwn(target, key) && value === Reflect.get(Function.prototype, key)) {
      return value;
    }
    return view(value);
  },
  set: (target, key, value) => Reflect.set(target, key, original(value), target),
  apply(target, self, args: unknown[]) {
    const bare = original(self);
    const seen = (result: unknown): unknown => (result === bare && bare !== self ? self : result);
    const result: unknown = Reflect.apply(target as AnyFunction, bare, args.map(original) as never[]);
    if (!isThenable(result)) return seen(result);
    return seen(wait(adopt(result))); // if waiting is refused, that error has gone where the caller looks
  },
  construct(target, args: unknown[], newTarget) {
    const Class = original(newTarget) as AnyFunction;
    const made = Reflect.construct(target as AnyFunction, args.map(original), Class) as object;
    return Class === target ? view(made) : made;
  },
};

function original(value: unknown): unknown {
  return originals.get(value as object) ?? value;
}

function isSeenThrough(value: unknown, key: string | symbol): value is object {
  if (typeof value === 'function') return key !== 'constructor';
  if (typeof value !== 'object' || value === null) return false;
  if (types.isModuleNamespaceObject(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (Object.hasOwn(prototype as object, 'isPrototypeOf') && !types.isProxy(value));
}

// The language wants a constant property to be seen as it is.
function isFixed(target: object, key: string | symbol): boolean {
  const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
  return descriptor?.configurable === false && (descriptor.writable === false || descriptor.set !== undefined);
}

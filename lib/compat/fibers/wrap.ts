import { type FutureConstructor, type Future as FutureType } from './future_types';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Wrapped = (this: unknown, ...args: unknown[]) => FutureType<unknown>;

/** How callbacks are taken, and what the new names end in. */
export interface WrapStyle {
  multi: boolean;
  suffix: string;
}

/** `Future.wrap` for one function; `deep`: the functions that are its properties, too. */
export function wrapFunction(Future: FutureConstructor, fn: AnyFunction, style: WrapStyle, deep: boolean): Wrapped {
  const wrapped = function (this: unknown, ...args: unknown[]): FutureType<unknown> {
    const future = new Future<unknown>();
    const resolver = future.resolver() as AnyFunction;
    const callback = style.multi ? (error: unknown, ...values: unknown[]) => resolver(error, values) : resolver;
    (future as { _?: unknown })._ = fn.call(this, ...args, callback);
    return future;
  };
  if (deep) Object.setPrototypeOf(wrapped, wrapObject(Future, Object.create(fn) as object, style, false));
  return wrapped;
}

/** `Future.wrap` for an object: a new one that inherits from it. */
export function wrapObject(Future: FutureConstructor, object: object, style: WrapStyle, deep: boolean): object {
  const wrapped = Object.create(object) as Record<string, unknown>;
  for (const name in object) {
    const made = (value: unknown): Wrapped | undefined =>
      typeof value === 'function' ? wrapFunction(Future, value as AnyFunction, style, deep) : undefined;
    const known = descriptorOf(object, name);
    if (known !== undefined && 'value' in known) {
      const value = made(known.value);
      if (value !== undefined) wrapped[name + style.suffix] = value;
      continue;
    }
    // Reading an accessor may print that it is deprecated: so it is read by those who use it.
    Object.defineProperty(wrapped, name + style.suffix, {
      get: () => made((object as Record<string, unknown>)[name]),
      configurable: true,
      enumerable: true,
    });
  }
  return wrapped;
}

function descriptorOf(object: object, name: string): PropertyDescriptor | undefined {
  for (let holder: unknown = object; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const found = Object.getOwnPropertyDescriptor(holder, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

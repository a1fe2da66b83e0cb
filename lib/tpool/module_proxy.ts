import { type ModuleFunction, specifierOf } from './target';

/** A module whose functions run on worker threads and block. See {@link proxy}. */
export type ModuleProxy<T> = {
  readonly [
    K in keyof T as T[K] extends (...args: never[]) => unknown ? K : T[K] extends object ? K : never
  ]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Awaited<R> : ModuleProxy<T[K]>;
};

type Execute = (target: ModuleFunction, args: unknown[]) => unknown;

export function moduleProxy<T extends object>(module: string | URL, execute: Execute): ModuleProxy<T> {
  const specifier = specifierOf(module, 'module');
  return members([], (path, args) => execute({ module: specifier, name: path.join('.') }, args)) as ModuleProxy<T>;
}

/** An object any member of which can be called, and has members: only the other thread knows what is there. */
export function members(path: string[], call: (path: string[], args: unknown[]) => unknown): object {
  const known = new Map<string, object>();
  const target = path.length === 0 ? {} : (): void => undefined;
  return new Proxy(target, {
    get(_target, key) {
      // A proxy is no promise; and what looks at it with symbols (inspection, conversion) asks for no function of it.
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined;
      let member = known.get(key);
      if (member === undefined) {
        member = members([...path, key], call);
        known.set(key, member);
      }
      return member;
    },
    apply: (_target, _self, args: unknown[]) => call(path, args),
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}

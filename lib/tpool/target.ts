import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { invalidType } from '../validate';
import { type TargetMessage } from './messages';

/** A function of a module. */
export interface ModuleFunction {
  /** An absolute path, a `file:` URL, a package's name or a builtin's (`node:crypto`). */
  module: string | URL;
  /** The export, also a dotted path (`promises.readFile`). Default: the default export, or the module itself. */
  name?: string | undefined;
}

/** What can be called on a worker thread. */
export type Target = ((...args: never[]) => unknown) | string | URL | ModuleFunction;

type AnyFunction = (...args: never[]) => unknown;

/** Says in a message what to call. The function itself cannot travel: its source does, or its module's name. */
export function describeTarget(target: unknown, name: string): TargetMessage {
  if (typeof target === 'function') {
    return { kind: 'source', name: target.name, expression: expressionOf(target as AnyFunction) };
  }
  if (typeof target === 'string' || target instanceof URL) return moduleTarget(target, undefined, name);
  if (isModuleFunction(target)) return moduleTarget(target.module, target.name, name);
  throw invalidType(name, 'a function, a module or { module, name }', target);
}

export function isModuleFunction(value: unknown): value is ModuleFunction {
  return typeof value === 'object' && value !== null && 'module' in value;
}

function moduleTarget(module: string | URL, exported: string | undefined, name: string): TargetMessage {
  if (exported !== undefined && typeof exported !== 'string') {
    throw invalidType(`${name}.name`, 'of type string', exported);
  }
  return {
    kind: 'module',
    specifier: specifierOf(module, name),
    path: exported === undefined ? [] : exported.split('.'),
  };
}

/** A module's name that means the same in every thread. */
export function specifierOf(module: unknown, name: string): string {
  if (module instanceof URL) return fileURLToPath(module);
  if (typeof module !== 'string' || module === '') throw invalidType(name, "a module's path, URL or name", module);
  if (module.startsWith('file:')) return fileURLToPath(module);
  if (module.startsWith('.') && !isAbsolute(module)) {
    // Relative to what? The caller's file is not known here, and the working directory would be right by luck only.
    throw invalidType(name, "absolute: use require.resolve('./x') or new URL('./x', import.meta.url)", module);
  }
  return module;
}

const expressions = new WeakMap<AnyFunction, string>();

function expressionOf(fn: AnyFunction): string {
  let expression = expressions.get(fn);
  if (expression === undefined) {
    expression = makeExpression(fn);
    expressions.set(fn, expression);
  }
  return expression;
}

function makeExpression(fn: AnyFunction): string {
  const source = Function.prototype.toString.call(fn);
  if (!/\[native code\]\s*\}\s*$/.test(source) && !/^class\b/.test(source)) {
    // A method's source is an expression only inside of an object.
    const expression = [`(${source}\n)`, `Object.values({ ${source}\n})[0]`].find(compiles);
    if (expression !== undefined) return expression;
  }
  throw invalidType(
    'fn',
    'a function whose source can be sent to another thread (no native, bound or class function): name its module instead',
    fn,
  );
}

function compiles(source: string): boolean {
  try {
    new Script(source);
    return true;
  } catch {
    return false;
  }
}

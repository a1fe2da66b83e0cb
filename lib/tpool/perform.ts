// What a worker thread does. It does not load the addon: a thread that only computes starts without it.
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Transferable } from 'node:worker_threads';
import * as vm from 'node:vm';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { type Moved, movedMark, type Reply, type Request, type TargetMessage } from './messages';
import { describeThrown } from './thrown';

type AnyFunction = (...args: unknown[]) => unknown;

// Resolves what has no path of its own from where the program was started.
const requireHere = createRequire(join(process.cwd(), 'tpool.js'));

/** The object that this thread was made for, if it was made for one. */
let hosted: unknown;

/** Does what is asked. Never rejects. `here`: the caller is in the same thread, and gets things as they are. */
export async function perform(request: Request, here = false): Promise<unknown> {
  try {
    return answer(await fulfil(request), here);
  } catch (error) {
    return { error: describeThrown(error) } satisfies Reply;
  }
}

async function fulfil(request: Request): Promise<unknown> {
  if (request.do === 'call') {
    const { path, args, optional = false } = request;
    if (optional && typeof valueAt(hosted, path).value !== 'function') return undefined;
    const { self, fn } = follow(hosted, path, 'the object');
    return await Reflect.apply(fn, self, args);
  }
  const { self, fn } = await find(request.target);
  if (request.do === 'execute') return await Reflect.apply(fn, self, request.args);
  const isClass = /^class\b/.test(Function.prototype.toString.call(fn));
  hosted = await (isClass ? Reflect.construct(fn, request.args) : Reflect.apply(fn, self, request.args));
  return undefined;
}

function answer(value: unknown, here: boolean): unknown {
  if (value === hosted && value !== undefined) return { self: true } satisfies Reply;
  if (isMoved(value)) return here ? { value: value.value } : transferring({ value: value.value }, value[movedMark]);
  if (here) return { value } satisfies Reply;
  if (!isSurelyCloneable(value)) structuredClone(value); // throws here, where it can be told to the caller
  return { value } satisfies Reply;
}

// What Piscina knows to be moved.
function transferring(reply: Reply, list: Transferable[]): unknown {
  return move({ [transferableSymbol]: list, [valueSymbol]: reply });
}

function isMoved(value: unknown): value is Moved {
  return typeof value === 'object' && value !== null && movedMark in value;
}

function isSurelyCloneable(value: unknown): boolean {
  if (typeof value === 'object') return value === null || ArrayBuffer.isView(value);
  return typeof value !== 'function' && typeof value !== 'symbol';
}

async function find(target: TargetMessage): Promise<{ self: unknown; fn: AnyFunction }> {
  if (target.kind === 'source') return { self: undefined, fn: evaluate(target.name, target.expression) };
  const namespace = await load(target.specifier);
  const { default: whole } = namespace as { default?: unknown };
  if (target.path.length > 0) {
    // The names of a CommonJS module are not always known to import(); those of its module.exports are.
    const [first] = target.path as [string];
    const holder = Reflect.has(namespace, first) || whole === undefined ? namespace : whole;
    return follow(holder, target.path, target.specifier);
  }
  if (typeof whole === 'function') return { self: undefined, fn: whole as AnyFunction };
  return follow(whole ?? namespace, ['default'], target.specifier); // compiled from TypeScript, or nothing
}

function follow(root: unknown, path: string[], where: string): { self: unknown; fn: AnyFunction } {
  const { self, value } = valueAt(root, path);
  if (typeof value !== 'function') throw new TypeError(`${path.join('.')} of ${where} is not a function`);
  return { self, fn: value as AnyFunction };
}

function valueAt(root: unknown, path: string[]): { self: unknown; value: unknown } {
  let self: unknown = undefined;
  let value: unknown = root;
  for (const key of path) {
    self = value;
    value = value === null || value === undefined ? undefined : (Object(value) as Record<string, unknown>)[key];
  }
  return { self, value };
}

async function load(specifier: string): Promise<object> {
  return (await import(locate(specifier))) as object;
}

function locate(specifier: string): string {
  if (isBuiltin(specifier)) return specifier;
  if (isAbsolute(specifier)) return pathToFileURL(specifier).href;
  try {
    return pathToFileURL(requireHere.resolve(specifier)).href;
  } catch {
    return specifier; // perhaps import() finds what require() may not have
  }
}

const evaluated = new Map<string, AnyFunction>();

/** How many functions a thread remembers by their source. */
const remembered = 500;

function evaluate(name: string, expression: string): AnyFunction {
  let fn = evaluated.get(expression);
  if (fn === undefined) {
    const head = '(function (require) { return ';
    const script = new vm.Script(`${head}${expression}; })`, {
      filename: `tpool:${name || 'anonymous'}`,
      columnOffset: -head.length,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    fn = (script.runInThisContext() as AnyFunction)(requireHere) as AnyFunction;
    if (evaluated.size >= remembered) evaluated.clear();
    evaluated.set(expression, fn);
  }
  return fn;
}

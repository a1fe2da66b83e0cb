import { type SpawnOptions } from '../green_thread';
import { type BlockingOptions } from '../park';
import { invalidType, validateFunction, validateMilliseconds, validateObject, validateSignal } from '../validate';

/** What the `spawn` of a pool or group may be told beside the function. */
export interface PoolSpawnOptions extends SpawnOptions {
  /** How many milliseconds to wait for a place. Default: for ever. */
  timeout?: BlockingOptions['timeout'];
}

/** Any function. */
export type AnyFunction = (...args: unknown[]) => unknown;

/** What `spawn(fn, ...args)` and `spawn(options, fn, ...args)` mean. */
export interface SpawnArguments {
  options: PoolSpawnOptions | undefined;
  fn: AnyFunction;
  args: unknown[];
}

/** Sorts the arguments of a `spawn`, and checks them. */
export function spawnArguments(first: unknown, rest: unknown[]): SpawnArguments {
  if (typeof first === 'function') return { options: undefined, fn: first as AnyFunction, args: rest };
  if (typeof first !== 'object' || first === null) throw invalidType('fn', 'of type function', first);
  const [fn, ...args] = rest;
  validateFunction(fn, 'fn');
  return { options: checkOptions(first), fn: fn as AnyFunction, args };
}

function checkOptions(options: PoolSpawnOptions): PoolSpawnOptions {
  validateObject(options, 'options');
  const { name, signal, context, timeout } = options;
  if (name !== undefined && typeof name !== 'string') throw invalidType('options.name', 'of type string', name);
  if (signal !== undefined) validateSignal(signal, 'options.signal');
  if (timeout !== undefined) validateMilliseconds(timeout, 'options.timeout');
  if (context !== undefined && context !== 'inherit' && context !== 'empty') {
    throw invalidType('options.context', "one of 'inherit' and 'empty'", context);
  }
  return options;
}

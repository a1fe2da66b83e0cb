import { inspect } from 'node:util';

/** Node's own shape for a wrong argument: a TypeError with `code: 'ERR_INVALID_ARG_TYPE'`. */
function invalidType(name: string, expected: string, actual: unknown): TypeError {
  const error = new TypeError(`The "${name}" argument must be ${expected}. Received ${inspect(actual, { depth: 0 })}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

function outOfRange(name: string, expected: string, actual: unknown): RangeError {
  const error = new RangeError(
    `The value of "${name}" is out of range. It must be ${expected}. Received ${inspect(actual)}`,
  );
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

export function validateFunction(value: unknown, name: string): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw invalidType(name, 'of type function', value);
}

/** Milliseconds: any number from 0 on; Infinity means never. */
export function validateMilliseconds(value: unknown, name: string): asserts value is number {
  if (typeof value !== 'number') throw invalidType(name, 'of type number (milliseconds)', value);
  if (!(value >= 0)) throw outOfRange(name, '>= 0', value);
}

export function validateCount(value: unknown, name: string): asserts value is number {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isInteger(value) || value < 0) throw outOfRange(name, 'an integer >= 0', value);
}

/** Any realm's AbortSignal. */
export function validateSignal(value: unknown, name: string): asserts value is AbortSignal {
  const looksLikeSignal =
    typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
  if (!looksLikeSignal) throw invalidType(name, 'an instance of AbortSignal', value);
}

export function validateObject(value: unknown, name: string): asserts value is object {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    throw invalidType(name, 'an object', value);
  }
}

export { invalidType, outOfRange };

import { inspect } from 'node:util';
import { framesOf, type SpawnSite } from '../spawn_stack';
import { type ThrownMessage } from './messages';

const constructors: Record<string, new (message: string) => Error> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

const marker = '    --- on a worker thread, called at ---';

// A cause of a cause of a cause may lead back to the first.
const deepest = 8;

/** Takes something thrown apart, for the way to the other thread. Structured clone alone would lose `code` and its kind. */
export function describeThrown(thrown: unknown, depth = 0): ThrownMessage {
  if (!isError(thrown)) return { kind: 'value', value: cloneable(thrown) };
  const described: ThrownMessage = {
    kind: 'error',
    name: text(thrown.name),
    message: text(thrown.message),
    stack: typeof thrown.stack === 'string' ? thrown.stack : undefined,
    properties: {},
  };
  for (const [key, value] of Object.entries(thrown)) {
    if (key !== 'cause' && key !== 'errors' && key !== 'stack') described.properties[key] = cloneable(value);
  }
  if (depth >= deepest) return described;
  if (Object.hasOwn(thrown, 'cause')) described.cause = describeThrown(thrown.cause, depth + 1);
  const { errors } = thrown as { errors?: unknown };
  if (Array.isArray(errors)) described.errors = errors.map((error) => describeThrown(error, depth + 1));
  return described;
}

/** Puts it together again. `site`: where the green thread called, whose frames are appended to the stack. */
export function rebuildThrown(described: ThrownMessage, site: SpawnSite = null): unknown {
  if (described.kind === 'value') return described.value;
  const error = makeError(described);
  for (const [key, value] of Object.entries(described.properties)) {
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  }
  if (error.name !== described.name) hide(error, 'name', described.name);
  if (described.cause !== undefined) hide(error, 'cause', rebuildThrown(described.cause));
  const called = framesOf(site?.stack);
  if (described.stack !== undefined) {
    hide(error, 'stack', called === '' ? described.stack : `${described.stack}\n${marker}\n${called}`);
  }
  return error;
}

function makeError(described: ThrownMessage & { kind: 'error' }): Error {
  const { name, message, errors } = described;
  if (errors !== undefined) {
    return new AggregateError(
      errors.map((error) => rebuildThrown(error)),
      message,
    );
  }
  const Class = Object.hasOwn(constructors, name) ? constructors[name]! : Error;
  return new Class(message);
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}

function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return inspect(value);
  }
}

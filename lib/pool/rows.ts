import { invalidType, outOfRange } from '../validate';

/** The arguments of call after call, one from each iterable, until the shortest ends. Closes those that have not ended. */
export function zip(iterables: Iterable<unknown>[]): Iterator<unknown[]> {
  if (iterables.length === 0) throw outOfRange('iterables', 'at least one', iterables);
  for (const iterable of iterables) validateIterable(iterable, 'iterables');
  return eachRow(iterables);
}

/** The arguments of call after call, in one iterable each. */
export function rowsOf(iterable: Iterable<Iterable<unknown>>): Iterator<unknown[]> {
  validateIterable(iterable, 'iterable');
  return eachArray(iterable);
}

function* eachRow(iterables: Iterable<unknown>[]): Generator<unknown[], void> {
  const open = new Set<Iterator<unknown>>();
  try {
    const iterators = iterables.map((iterable) => iterable[Symbol.iterator]());
    for (const iterator of iterators) open.add(iterator);
    for (;;) {
      const row: unknown[] = [];
      for (const iterator of iterators) {
        open.delete(iterator); // one that throws has closed itself
        const step = iterator.next();
        if (step.done === true) return;
        open.add(iterator);
        row.push(step.value);
      }
      yield row;
    }
  } finally {
    closeAll([...open]);
  }
}

// All are closed, even if closing one fails.
function closeAll(iterators: Iterator<unknown>[]): void {
  const [first, ...rest] = iterators;
  if (first === undefined) return;
  try {
    first.return?.();
  } finally {
    closeAll(rest);
  }
}

function* eachArray(iterable: Iterable<Iterable<unknown>>): Generator<unknown[], void> {
  for (const row of iterable) yield [...row];
}

function validateIterable(value: unknown, name: string): void {
  if (typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw invalidType(name, 'an iterable', value);
  }
}

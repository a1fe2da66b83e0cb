import { createInterface } from 'node:readline';
import { Failure } from '../../scripts/lib/run.mjs';

/** The lines of JSON that a child process prints, one by one; a Failure once it has ended without another. */
export function lineReader(child, name) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { done, value } = await lines.next();
    if (done) throw new Failure(`${name} ended too early: see above`);
    return JSON.parse(value);
  };
}

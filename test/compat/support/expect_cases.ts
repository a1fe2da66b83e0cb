// Runs each behaviour of a file under children/ as a process of its own: exact output, nothing on stderr, exit code 0.
import { join } from 'node:path';
import { type ChildOptions, expectOk } from '../../support/children';

/** One test for each behaviour in `folder`/children/`name`. */
export function expectCases(folder: string, name: string, options: ChildOptions = {}): void {
  const behaviours = require(join(folder, 'children', name)) as string[];

  test.each(behaviours)('%s', async (behaviour) => {
    await expectOk(folder, name, { ...options, args: [behaviour] });
  });
}

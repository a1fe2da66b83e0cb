// Behaviours of a file under children/, each to be run as a process of its own: exact output, nothing on stderr, exit code 0.
import { join } from 'node:path';
import { type ChildOptions, expectOk } from '../../support/children';

/** The names of the behaviours in `folder`/children/`name`. */
export function behavioursOf(folder: string, name: string): string[] {
  return require(join(folder, 'children', name)) as string[];
}

/** Runs one of them. */
export async function expectBehaviour(
  folder: string,
  name: string,
  behaviour: string,
  options: ChildOptions = {},
): Promise<void> {
  await expectOk(folder, name, { ...options, args: [behaviour] });
}

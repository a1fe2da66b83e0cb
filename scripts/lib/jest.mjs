import { at } from './paths.mjs';
import { run } from './run.mjs';

/** Runs jest under the given Node binary; tests get gc(), and process.execPath is that binary. */
export function jest(bin, args, options) {
  return run(bin, ['--expose-gc', at('node_modules/jest/bin/jest.js'), ...args], options);
}

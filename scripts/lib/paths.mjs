import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Everything that a script downloads or writes beside the products; safe to delete. */
export const cache = join(root, '.cache');

/** A path below the repository's root. */
export const at = (...parts) => join(root, ...parts);

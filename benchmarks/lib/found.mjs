import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's own: another python3 may come first in PATH, without its packages. */
export const python = '/usr/bin/python3';

export const inPath = (name) => process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, name)));

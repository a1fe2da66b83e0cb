import { existsSync, readdirSync, rmSync } from 'node:fs';
import { at } from './paths.mjs';
import { run } from './run.mjs';

export const tsc = (...args) => run(process.execPath, [at('node_modules/typescript/bin/tsc'), ...args]);

/** Compiles lib/ to dist/, and takes out what deleted sources left there: tests must not import a ghost. */
export async function buildTypeScript() {
  await tsc('--project', at('tsconfig.json'));
  for (const product of readdirSync(at('dist'), { recursive: true })) {
    const source = product.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (source !== product && !existsSync(at('lib', source))) rmSync(at('dist', product));
  }
}

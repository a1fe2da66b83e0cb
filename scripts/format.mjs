// npm run format:check, npm run format: prettier and clang-format over the whole repository.
import { needDebian } from './lib/debian.mjs';
import { nativeFiles } from './lib/native_files.mjs';
import { at } from './lib/paths.mjs';
import { main, run } from './lib/run.mjs';

await main(async (args) => {
  const write = args.includes('--write');
  await needDebian('lint');
  const mode = write ? ['--write'] : ['--check'];
  await run(process.execPath, [at('node_modules/prettier/bin/prettier.cjs'), ...mode, '--log-level', 'warn', '.']);
  await run('clang-format', [...(write ? ['-i'] : ['--dry-run', '--Werror']), ...nativeFiles('.h', '.cc')]);
});

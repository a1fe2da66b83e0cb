// The published types: a small program of a user compiles, in a CommonJS and in an ES module, with every check on.
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const fixture = join(__dirname, 'fixtures/consumer/main.ts');

const strictest: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.esnext.decorators.d.ts'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

function problems(fileName: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([fileName], { ...strictest, ...options });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(
      ({ file }) => file === undefined || file.fileName === fileName || file.fileName.startsWith(join(root, 'dist')),
    )
    .map((found) => {
      const where =
        found.file === undefined
          ? ''
          : `${found.file.fileName}:${ts.getLineAndCharacterOfPosition(found.file, found.start!).line + 1} `;
      return where + ts.flattenDiagnosticMessageText(found.messageText, '\n');
    });
}

test.each<[string, ts.CompilerOptions]>([
  ['Node16', { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }],
  ['NodeNext', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
  ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
])(
  'a small program compiles under module resolution %s',
  (_name, options) => {
    expect(problems(fixture, options)).toEqual([]);
  },
  120_000,
);

test('a mistake in such a program is found', () => {
  const text = 'import { spawn } from "verdant"; const n: number = spawn(() => "x").wait(); export { n };';
  const fileName = join(dirname(fixture), 'mistake.ts');
  const host = ts.createCompilerHost(strictest);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, target) =>
    name === fileName
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
      : getSourceFile.call(host, name, target);
  host.fileExists = (name) => name === fileName || fileExists.call(host, name);
  const options = { ...strictest, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
  const program = ts.createProgram([fileName], options, host);
  const found = program.getSemanticDiagnostics(program.getSourceFile(fileName));
  expect(found.map(({ code }) => code)).toEqual([2322]);
}, 120_000);

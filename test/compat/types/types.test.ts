// The types are those of @types/fibers: what is written for the one compiles with the other, both ways.
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../../..');

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.esnext.decorators.d.ts'],
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  esModuleInterop: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

/** The messages about a program that lies in this folder. */
function problems(text: string): string[] {
  const fileName = join(__dirname, 'program.cts');
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, target) =>
    name === fileName
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
      : getSourceFile.call(host, name, target);
  host.fileExists = (name) => name === fileName || fileExists.call(host, name);
  const program = ts.createProgram([fileName], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(fileName))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const imports = (fibers: string): string =>
  `import Fiber = require('${fibers}');\nimport Future = require('${fibers}/future');\n`;

/** Uses everything that @types/fibers declares. */
const uses = `
const fiber = Fiber((value: number) => Fiber.yield<string, number>(value + 1));
const made = new Fiber(() => undefined);
const answer: number = fiber.run<number, number>(1);
const untyped: any = made.run();
made.throwInto(new Error());
const ended: string = made.reset<string>();
const current: typeof fiber | undefined = Fiber.current;

const future = new Future<number>();
future.return(1);
future.throw(new Error());
future.detach();
const value: number = future.get() + future.wait();
const resolved: boolean = future.isResolved();
const resolver: (error: Error, value: number) => void = future.resolver();
const same: typeof future = future.resolve((error, given) => void [error.message, given.toFixed()]);
future.resolve(new Future<string>(), (given) => given.toFixed()).resolveSuccess((given) => given.toFixed());
future.proxy(new Future<number>());
future.proxyErrors([new Future()]).proxyErrors(new Future());
const promise: Promise<number> = future.promise();
Future.wait(future, [future]);
const task = Future.task(() => 'text');
const text: string = task.wait();
const tasks: string[] = Future.task<string>(() => 'a', () => 'b').wait();
const wrapped = Future.wrap((callback: Function) => 1 as number, true, 'Later');
const one: number = wrapped().wait();
Future.wrap({ name() {} }).nameFuture();
const from: number = Future.fromPromise(Promise.resolve(1)).wait();
const later: FutureFunction<string> = (() => 'x').future<string>(true);
export { answer, untyped, ended, current, value, resolved, resolver, same, promise, text, tasks, one, from, later };
`;

/** Mistakes, each on a line. */
const mistakes = [
  'Fiber();',
  'Fiber(1);',
  'Fiber.current = undefined;',
  'new Future<number>().get().length;',
  'Future.wait(1);',
  'new Future().resolve();',
  'Future.task(1);',
  'const text: string = Future.fromPromise(Promise.resolve(1)).wait();',
];

describe.each(['verdant/fibers', 'fibers'])('with the types of %s', (name) => {
  test('a program that uses everything compiles', () => {
    expect(problems(imports(name) + uses)).toEqual([]);
  }, 120_000);

  test('mistakes are found', () => {
    for (const mistake of mistakes) expect(problems(imports(name) + mistake)).toHaveLength(1);
  }, 240_000);
});

test('each can be assigned to the other', () => {
  const program = `
    import Ours = require('verdant/fibers');
    import Theirs = require('fibers');
    import OurFuture = require('verdant/fibers/future');
    import TheirFuture = require('fibers/future');
    declare const ours: Ours.Fiber;
    declare const our: OurFuture.Future<number>;
    const theirs: Theirs = ours;
    const maker: typeof Theirs = Ours;
    const their: TheirFuture<number> = our;
    const back: OurFuture.Future<number> = their;
    const class_: typeof TheirFuture = OurFuture;
    export { theirs, maker, their, back, class_ };
  `;
  expect(problems(program)).toEqual([]);
}, 120_000);

// The examples in the documentation comments and in the README run, print what they say, and leave nothing unhandled.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { runChild } from '../support/children';

const root = join(__dirname, '../..');

interface Example {
  where: string;
  code: string;
}

/** The fenced blocks of a text, with the line each begins at. */
function blocks(text: string, language: RegExp): { line: number; code: string }[] {
  const fences = new RegExp(
    `^([ \\t]*(?:\\* ?)?)\`\`\`${language.source}[ \\t]*\\n([^]*?)^[ \\t]*(?:\\* ?)?\`\`\`[ \\t]*$`,
    'gm',
  );
  return [...text.matchAll(fences)].map(({ index, 1: margin = '', 2: body = '' }) => ({
    line: text.slice(0, index).split('\n').length,
    code: margin.includes('*') ? body.replace(/^[ \t]*\* ?/gm, '') : body,
  }));
}

function examplesIn(file: string, language: RegExp): Example[] {
  const text = readFileSync(join(root, file), 'utf8');
  return blocks(text, language).map(({ line, code }) => ({ where: `${file}:${line}`, code }));
}

const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `lib/${name}`)
  .sort();
const fromSources = sources.flatMap((file) => examplesIn(file, /ts/));
const readme = examplesIn('README.md', /(?:ts|js|mjs)/);

/** What the example says that it prints: the comments at the ends of its `console.log` lines. */
function promised(code: string): string[] {
  return code.split('\n').flatMap((line) => /console\.log\(.*\/\/ (.*)$/.exec(line)?.[1] ?? []);
}

/** Runs it as a module of its own; gives what it prints, line after line. */
async function expectToRun(code: string): Promise<string[]> {
  const { outputText, diagnostics } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  expect(diagnostics).toEqual([]);
  const flags = ['--input-type=module', '--eval'];
  const result = await runChild(outputText, { flags, cwd: root });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '', timedOut: false });
  return result.stdout.split('\n').map((line) => line.trim());
}

test('the documentation comments have examples', () => {
  expect(fromSources.length).toBeGreaterThanOrEqual(10);
});

test.each(fromSources.map(({ where, code }) => [where, code]))(
  '%s runs and prints what it says',
  async (_where, code) => {
    const printed = await expectToRun(code);
    // A line in a loop prints several: their comment lists them.
    const all = [...printed, printed.join(', ')].join('\n');
    for (const line of promised(code)) expect(all).toContain(line);
  },
);

// A part of a program, or of a file, is no program: those import nothing.
const programs = readme.filter(({ code }) => code.includes("from 'verdant"));

test('the README has an example', () => {
  expect(programs.length).toBeGreaterThanOrEqual(1);
});

test.each(programs.map(({ where, code }) => [where, code]))('%s runs and prints something', async (_where, code) => {
  expect((await expectToRun(code)).length).toBeGreaterThan(1);
});

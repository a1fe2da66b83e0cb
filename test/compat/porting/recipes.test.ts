// The recipes in docs/porting: what stands before and what stands after both run, and print the same.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../../support/children';

const root = join(__dirname, '../../..');

interface Recipe {
  name: string;
  programs: string[];
}

function recipesOf(file: string): Recipe[] {
  const text = readFileSync(join(root, 'docs/porting', file), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((section) => ({
      name: `${file}: ${section.slice(0, section.indexOf('\n'))}`,
      programs: [...section.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code!),
    }))
    .filter(({ programs }) => programs.length > 0);
}

const recipes = ['from-fibers.md', 'from-deasync-and-synckit.md'].flatMap(recipesOf);

describe('recipes', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(root, 'test/compat/porting/tmp-')); // inside, so that the packages are found
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function outputOf(code: string, name: string): Promise<string> {
    const program = join(folder, name);
    writeFileSync(program, code);
    const flags = ['--require', join(__dirname, 'alias.cjs')];
    const result = await runChild(program, { flags, cwd: root });
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', timedOut: false });
    return result.stdout;
  }

  test.each(recipes.map(({ name, programs }) => [name, programs] as const))('%s', async (name, programs) => {
    expect(programs).toHaveLength(2);
    const place = recipes.findIndex((recipe) => recipe.name === name);
    const [before, after] = await Promise.all(programs.map((code, at) => outputOf(code, `${place}_${at}.cjs`)));
    expect(before).not.toBe('');
    const expected = name.endsWith('Two waits at once') ? 'short\nlong\n' : before;
    expect(after).toBe(expected);
  });
});

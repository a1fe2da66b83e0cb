import { readdirSync } from 'node:fs';
import { at } from '../../scripts/lib/paths.mjs';

/** The names of all suites. */
export const suiteNames = readdirSync(at('benchmarks/suites'))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length));

export async function loadSuite(name) {
  const { suite } = await import(`../suites/${name}.mjs`);
  return suite;
}

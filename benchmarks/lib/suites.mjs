/** The names of all suites, in the order in which they are run and reported. */
export const suiteNames = [
  'switch',
  'spawn',
  'fibers',
  'memory',
  'gc',
  'primitives',
  'skynet',
  'interop',
  'hub',
  'files',
  'echo',
  'idle',
  'http',
  'websocket',
  'soak',
];

export async function loadSuite(name) {
  const { suite } = await import(`../suites/${name}.mjs`);
  return suite;
}

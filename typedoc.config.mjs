import { readFileSync } from 'node:fs';

// What users can import is what must be documented: the entry points come from the exports map.
const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const entryPoints = Object.values(exports)
  .filter((target) => target.types)
  .map((target) => target.types.replace('./dist/', './lib/').replace('.d.ts', '.ts'));

// Modules that are what they export (`export =`) name its types once more, as members.
const assigned = ['DeasyncFunction', 'Fiber', 'FiberConstructor', 'Future', 'FutureConstructor'];

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints,
  tsconfig: 'tsconfig.json',
  out: '.cache/api',
  readme: 'none',
  includeVersion: true,
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true, // no repository to link to yet
  // What a green thread is to the hub and to wait queues is no business of its users.
  intentionallyNotExported: [
    'Waiter',
    'Flow',
    'BlockingMembers',
    'BlockingSignatures',
    'NodeRequest',
    'NodeResponse',
    'AnswersItself',
    'Threads',
    'Places',
    ...assigned,
  ],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'Method', 'Property', 'Accessor', 'TypeAlias', 'Variable'],
};

import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import jest from 'eslint-plugin-jest';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// Layers only look down: a file imports from its own floor or a lower one (ARCHITECTURE.md). A file that lies directly
// in lib/ and is not named here lives on the floor of green_thread.ts; a folder must be named.
const floors = [
  [
    'errors.ts',
    'native.ts',
    'native_http.ts',
    'native_io.ts',
    'realm.ts',
    'system_error.ts',
    'validate.ts',
    'version.ts',
    'wait_queue.ts',
  ],
  ['hub'],
  ['green_thread.ts', 'park.ts', 'timeout.ts'],
  ['bridge'],
  ['sync', 'pool', 'tpool', 'local.ts'],
  ['net', 'tls', 'process', 'fs', 'dns'],
  ['http', 'websocket', 'db'],
  ['patch', 'compat', 'debug', 'testing', 'cli', 'index.ts'],
];
const greenThreads = 2;

for (const entry of readdirSync(new URL('lib', import.meta.url), { withFileTypes: true })) {
  if (floors.flat().includes(entry.name)) continue;
  if (entry.isDirectory()) throw new Error(`lib/${entry.name}: say in eslint.config.mjs on which floor it lives`);
  floors[greenThreads].push(entry.name);
}

const zones = floors.slice(0, -1).map((floor, number) => ({
  target: floor.map((entry) => `./lib/${entry}`),
  from: floors
    .slice(number + 1)
    .flat()
    .map((entry) => `./lib/${entry}`),
  message: 'Layers only look down: this file lives on a higher floor.',
}));

const snakeCaseFile = {
  create: (context) => ({
    Program(node) {
      const name = context.filename.split('/').at(-1);
      if (!/^[a-z0-9_]+(\.[a-z0-9_]+)*$/.test(name)) context.report({ node, message: `'${name}' is not snake_case.` });
    },
  }),
};

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'build/',
      'build-*/',
      'dist/',
      '.cache/',
      'coverage/',
      'test/**/fixtures/',
      'packages/**/*.d.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { 'import-x': importX, verdant: { rules: { 'snake-case-file': snakeCaseFile } } },
    settings: {
      'import-x/extensions': ['.ts', '.js', '.mjs', '.cjs'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
          extensionAlias: { '.js': ['.ts', '.js'] },
        }),
      ],
    },
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'verdant/snake-case-file': 'error',
      'import-x/no-duplicates': 'error',
      'import-x/no-self-import': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // A blocking call lets other green threads run, so what was narrowed before it may be otherwise after it: the
      // checker cannot see that and calls the second look unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Any value may be thrown into a green thread, and must come out again as it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // An index that a heap or a ring has just computed is inside of it; `noUncheckedIndexedAccess` cannot know.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-console': 'error',
    },
  },
  {
    // What users import as verdant/hub: an entry, as lib/index.ts is, and the only file of its folder that looks up.
    files: ['lib/hub/index.ts'],
    rules: { 'import-x/no-restricted-paths': 'off' },
  },
  {
    // The one door to the addon.
    files: ['lib/native.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    plugins: { jest },
    languageOptions: { globals: globals.jest },
    rules: {
      ...jest.configs['flat/recommended'].rules,
      // Assertions also sit in helpers, and in callbacks that run on another green thread.
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert', 'assert*'] }],
      'jest/no-conditional-expect': 'off',
      'jest/no-standalone-expect': 'off',
      // Tests do on purpose what the library's own code must not.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: { globals: globals.node },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs' } },
);

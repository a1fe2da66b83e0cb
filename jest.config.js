const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { name, exports: entries } = require('./package.json');

// The exports map again, in jest's words: the tests import the built package by its own name, as a user does.
const moduleNameMapper = {};
for (const [entry, target] of Object.entries(entries)) {
  moduleNameMapper[`^${name}${entry.slice(1)}$`] = join(__dirname, target.default ?? target);
}

const leakCheck = join(__dirname, 'test/support/leak_check.ts');

/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  transform: { '\\.ts$': join(__dirname, 'scripts/lib/jest_transform.cjs') },
  moduleNameMapper,
  modulePathIgnorePatterns: ['<rootDir>/\\.cache/', '<rootDir>/build'],
  setupFilesAfterEnv: existsSync(leakCheck) ? [leakCheck] : [],
  // For what hangs, longer than a child process is given. Under an emulator everything is slower by an order of magnitude.
  testTimeout: process.env.VERDANT_TEST_SLOW ? 500_000 : 70_000,
  maxWorkers: 2,
};

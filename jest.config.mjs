import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const { $schema: _schema, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

// CommonJS packages require() these ES modules. Node >= 20.19 can do that by itself; under Jest they are compiled.
const requiredByCommonJs = ['content-disposition', 'cookie'].join('|');

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }],
    [`/node_modules/(${requiredByCommonJs})/.+\\.js$`]: ['@swc/jest', { swcrc: false, jsc: { target: 'es2022' } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${requiredByCommonJs})/)`],
  coverageProvider: 'v8',
  testTimeout: 30_000,
  // Jest leaves one core to itself: of two it would use one, and most tests wait for processes, disks and clocks.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Tests run in child processes, also where there is only one: Node can deadlock when a process that has compiled and
  // collected much ends by itself (nodejs/node#54918). Jest ends its children, and waits for none of them.
  workerIdleMemoryLimit: '2GB',
};

import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyEdits } from './apply-edits.js';
import type { Killer, Mutant } from './mutant.js';
import { makeScratchFolder, removeScratchFolder } from './scratch-folder.js';
import { projectRoot, readSource } from './sources.js';

/** What a test needs besides its dependencies. */
const copied = ['src', 'test', 'package.json', 'tsconfig.json', 'jest.config.mjs', '.swcrc'];

/** A test may take this long on a busy machine, in milliseconds. */
const testTimeoutMs = 180_000;

/** What a test may say when it fails, in bytes. */
const outputBytesMax = 64 * 1024 * 1024;

/** The parts of Jest's report that are looked at. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

type TestKiller = Extract<Killer, { kind: 'test' }>;

/**
 * Whether a test fails once the bug is there, tried in a copy of the code.
 *
 * @throws Error when it does not pass without the bug, or cannot be run with it.
 */
export async function findByTest(mutant: Mutant, killer: TestKiller): Promise<boolean> {
  const root = copyCode();
  try {
    const before = await runTest(root, killer);
    if (before.numPassedTests === 0 || before.numFailedTests > 0) {
      throw new Error(`${killer.file} does not pass without the bug: ${killer.name}`);
    }
    for (const [file, source] of applyEdits(mutant, readSource)) {
      writeFileSync(join(root, file), source);
    }
    const after = await runTest(root, killer);
    return after.numFailedTests > 0;
  } finally {
    removeScratchFolder(root);
  }
}

/** @returns The folder of the copy. */
function copyCode(): string {
  const root = makeScratchFolder();
  for (const path of copied) {
    cpSync(join(projectRoot, path), join(root, path), { recursive: true });
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'), 'dir');
  return root;
}

async function runTest(root: string, { file, name }: TestKiller): Promise<JestReport> {
  const reportFile = join(root, 'report.json');
  rmSync(reportFile, { force: true });
  const output = await runJest(root, [
    ...[file, '--testNamePattern', name.replace(/[^\w\s]/g, '.')],
    ...['--json', '--outputFile', reportFile],
    ...['--runInBand', '--cacheDirectory', join(root, 'cache')],
  ]);
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport;
  if (report.numRuntimeErrorTestSuites > 0) {
    throw new Error(`${file} does not run: ${output}`);
  }
  return report;
}

/** @returns What Jest says; that a test fails is no error. */
function runJest(root: string, options: readonly string[]): Promise<string> {
  const program = join(root, 'node_modules/jest/bin/jest.js');
  const all = ['--experimental-vm-modules', '--no-warnings', program, ...options];
  const limits = { cwd: root, timeout: testTimeoutMs, maxBuffer: outputBytesMax };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, all, limits, (error, _stdout, stderr) => {
      if (error === null || error.code === 1) {
        resolve(stderr);
      } else {
        reject(new Error(`a test does not end as it should: ${stderr}`, { cause: error }));
      }
    });
  });
}

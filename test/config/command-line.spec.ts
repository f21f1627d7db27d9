import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readCommandLine } from '../../src/config/command-line.js';

describe('readCommandLine', () => {
  it('runs with settings', () => {
    expect(readCommandLine(['data'], {})).toMatchObject({ kind: 'run', settings: { haddr: 'localhost:8091' } });
  });

  it('ends with code 0 after --help and --version', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(readCommandLine(['--version'], {})).toEqual({ kind: 'exit', exitCode: 0, output: `${version}\n` });
    expect(readCommandLine(['-help'], {})).toMatchObject({ kind: 'exit', exitCode: 0 });
  });

  it('ends with code 2 and one line after a mistake', () => {
    const outcome = readCommandLine(['--tick-ms', '1s', 'data'], {});
    expect(outcome).toEqual({
      kind: 'exit',
      exitCode: 2,
      output: 'raftd: --tick-ms takes an integer from 1 to 1000 ms, not "1s"\n',
    });
  });
});

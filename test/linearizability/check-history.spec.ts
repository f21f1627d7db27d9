import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Operation } from './history.js';
import { formatOperation } from './readers/json-lines.js';
import { ownVectorsFolder } from './support/vector-suite.js';

/** Milliseconds that one run of the command may take. */
const RUN_TIME_MAX_MS = 60_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftdb-history-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

function checkHistory(...args: readonly string[]): Run {
  const script = join(import.meta.dirname, 'check-history.ts');
  const command = ['--import', 'tsx', script, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    timeout: RUN_TIME_MAX_MS,
  });
  return { exitCode: status, out: stdout, err: stderr };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('npm run check-history', () => {
  const good = join(ownVectorsFolder, 'fresh-read.jsonl');
  const bad = join(ownVectorsFolder, 'stale-read.jsonl');

  test(
    'says one line for each file in each form',
    () => {
      const log = file(
        'register.log',
        'INFO  jepsen.util - 0 :invoke :read nil\nINFO  jepsen.util - 0 :ok :read nil\n',
      );
      const maps = file('maps.edn', '{:process 0, :type :invoke, :f :get, :key "7", :value nil}\n');
      const { exitCode, out } = checkHistory(good, log, maps);
      expect(exitCode).toBe(0);
      expect(out.trim().split('\n')).toEqual([
        expect.stringMatching(/fresh-read\.jsonl: linearizable, 3 operations, 1 key, \d+\.\d{3} s$/),
        expect.stringMatching(/register\.log: linearizable, 1 operation, 1 key, /),
        expect.stringMatching(/maps\.edn: linearizable, 0 operations, 0 keys, /),
      ]);
    },
    RUN_TIME_MAX_MS,
  );

  test(
    'exits with 1 for a violation and explains it when asked',
    () => {
      const { exitCode, out } = checkHistory('--explain', good, bad);
      expect(exitCode).toBe(1);
      expect(out).toMatch(/stale-read\.jsonl: not linearizable, 3 operations, 1 key, \S+ s, key "a"\n/);
      expect(out).toContain('no place   [4, 5] client 3: reads "x"');
    },
    RUN_TIME_MAX_MS,
  );

  test(
    'exits with 2 for files that cannot be read, names file and line, and goes on with the others',
    () => {
      const broken = file('broken.jsonl', '\n{"process":1}\n');
      const binary = join(folder, 'binary');
      writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00]));
      const { exitCode, out, err } = checkHistory(broken, join(folder, 'missing'), folder, binary, good);
      expect(exitCode).toBe(2);
      expect(out).toMatch(/fresh-read\.jsonl: linearizable/);
      expect(err).toMatch(/broken\.jsonl:2: /);
      expect(err).toMatch(/missing: ENOENT/);
      expect(err).toMatch(/EISDIR/);
      expect(err).toMatch(/binary: /);
    },
    RUN_TIME_MAX_MS,
  );

  test(
    'exits with 3 when the steps are used up',
    () => {
      const together = Array.from({ length: 16 }, (_, index): Operation => {
        return {
          process: index,
          op: 'append',
          key: 'a',
          input: { value: `${index};` },
          outcome: 'ok',
          start: 0,
          end: 9,
        };
      });
      const read: Operation = {
        process: 99,
        op: 'get',
        key: 'a',
        outcome: 'ok',
        output: { value: '?' },
        start: 10,
        end: 11,
      };
      const hard = file('hard.jsonl', [...together, read].map(formatOperation).join('\n'));
      const { exitCode, out } = checkHistory('--steps', '1000', hard, good);
      expect(exitCode).toBe(3);
      expect(out).toMatch(/hard\.jsonl: undecided, 17 operations, 1 key, \S+ s, 1 of them open\n/);
    },
    RUN_TIME_MAX_MS,
  );

  test(
    'explains itself',
    () => {
      expect(checkHistory('--help')).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^Usage: /), err: '' });
      expect(checkHistory()).toMatchObject({ exitCode: 2, out: '', err: expect.stringMatching(/^no file is named/) });
      expect(checkHistory('--steps', 'many', good)).toMatchObject({ exitCode: 2, out: '' });
    },
    RUN_TIME_MAX_MS,
  );
});

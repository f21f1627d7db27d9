/** Judges recorded histories: `npm run check-history -- FILE...`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeViolation } from './excerpt.js';
import { judge } from './judge.js';
import { readHistory } from './readers/read-history.js';
import type { Report, Verdict } from './report.js';

const HELP = `Usage: npm run check-history -- [options] FILE...

Says of each file whether the history in it is linearizable: one line with verdict, operations, keys and time.
A file holds JSON lines as the fault tests of this project record them, the log of a Jepsen test of one register, or one
map {:process, :type, :f, :key, :value} a line. Its first line tells which.

  --steps N   steps of the search in each file before it gives up (default 10000000, up to a minute)
  --explain   shows where a history that is not linearizable breaks
  --help      this text

Exit code: 0 all are linearizable, 1 one is not, 2 one cannot be read, 3 one is undecided; the first of 1, 2, 3 that
applies.
`;

const exitCodes = { linearizable: 0, 'not linearizable': 1, unreadable: 2, undecided: 3 } as const;

interface Options {
  readonly files: readonly string[];
  readonly stepsMax: number | undefined;
  readonly explain: boolean;
}

process.exitCode = main(process.argv.slice(2));

function main(args: string[]): number {
  let options: Options | null;
  try {
    options = readOptions(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${HELP}`);
    return exitCodes.unreadable;
  }
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const seen = new Set<Verdict | 'unreadable'>();
  for (const file of options.files) {
    seen.add(checkFile(file, options));
  }
  const worst = (['not linearizable', 'unreadable', 'undecided'] as const).find((verdict) => seen.has(verdict));
  return exitCodes[worst ?? 'linearizable'];
}

/** @returns Null when help is asked for. */
function readOptions(args: string[]): Options | null {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      steps: { type: 'string' },
      explain: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    return null;
  }
  if (positionals.length === 0) {
    throw new Error('no file is named');
  }
  const stepsMax = values.steps === undefined ? undefined : Number(values.steps);
  if (stepsMax !== undefined && !(Number.isSafeInteger(stepsMax) && stepsMax > 0)) {
    throw new Error(`--steps needs a whole number above 0, not ${JSON.stringify(values.steps)}`);
  }
  return { files: positionals, stepsMax, explain: values.explain };
}

function checkFile(file: string, { stepsMax, explain }: Options): Verdict | 'unreadable' {
  const startMs = performance.now();
  try {
    const history = readHistory(readText(file), file);
    const report = judge(history, stepsMax === undefined ? {} : { stepsMax });
    process.stdout.write(`${file}: ${describeReport(report, performance.now() - startMs)}\n`);
    if (explain && report.violation !== null) {
      process.stdout.write(`${describeViolation(report.violation)}\n`);
    }
    return report.verdict;
  } catch (error) {
    process.stderr.write(`${messageOf(error, file)}\n`);
    return 'unreadable';
  }
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

function describeReport({ verdict, operations, keys, violation, undecidedKeys }: Report, ms: number): string {
  const size = `${counted(operations, 'operation')}, ${counted(keys, 'key')}, ${(ms / 1_000).toFixed(3)} s`;
  if (violation !== null) {
    return `${verdict}, ${size}, key ${JSON.stringify(violation.key)}`;
  }
  return undecidedKeys.length === 0
    ? `${verdict}, ${size}`
    : `${verdict}, ${size}, ${undecidedKeys.length} of them open`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function messageOf(error: unknown, file?: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return file === undefined || message.startsWith(file) ? message : `${file}: ${message}`;
}

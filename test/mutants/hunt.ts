import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Failure, RunnerReport, SeedRange } from './seed-runner.js';

/** A seed may take this long on a busy machine, in milliseconds: hundreds of times what it takes on an idle one. */
const seedTimeoutMs = 120_000;

/** Memory of the process that runs the seeds, in MiB. */
const memoryMib = 1024;

/** One seed is over before optimized code pays for its making. */
const forOneSeed = ['--no-opt'];

/** The end of the output of a process that is told where it ended badly, in characters. */
const outputMax = 2_000;

/** How the runtime complains of a program that makes no sense. */
const mistakes = /^(?:Type|Reference|Syntax)Error/;

/** The first seed that shows the bug, and how; `failure` null: none of them does. */
export interface Catch {
  readonly seed: number;
  readonly failure: Failure | null;
}

/**
 * Runs seeds until one breaks an invariant.
 *
 * A seed that does not end in time, or ends its process, has found the bug too: its invariant is `time` or `process`.
 *
 * @param runner - The program of a `CompiledCopy`.
 * @throws Error when the copy does not load, or a run shows that it makes no sense: the planted bug is not the one that
 *   was meant.
 */
export async function hunt(runner: string, range: SeedRange): Promise<Catch> {
  const child = fork(runner, [JSON.stringify(range)], {
    execArgv: [`--max-old-space-size=${memoryMib}`, ...(range.until - range.from > 1 ? [] : forOneSeed)],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    const caught = await follow(child, range);
    if (caught.failure !== null && mistakes.test(caught.failure.message)) {
      throw new Error(`seed ${caught.seed} runs into a mistake: ${caught.failure.message}`);
    }
    return caught;
  } finally {
    child.kill('SIGKILL');
  }
}

function follow(child: ChildProcess, range: SeedRange): Promise<Catch> {
  return new Promise((resolve, reject) => {
    let current: number | null = null;
    let last: Catch = { seed: range.from, failure: null };
    let output = '';
    const timer = setTimeout(() => {
      const message = `no end within ${seedTimeoutMs / 1000} s`;
      resolve({ seed: current ?? range.from, failure: { invariant: 'time', message } });
    }, seedTimeoutMs);
    child.stderr?.on('data', (text: Buffer) => {
      output = `${output}${text.toString()}`.slice(-outputMax);
    });
    child.on('message', (message) => {
      const report = message as RunnerReport;
      timer.refresh();
      if (report.kind === 'ended') {
        last = { seed: report.seed, failure: report.failure };
      }
      current = report.kind === 'ended' ? report.seed + 1 : range.from;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (current === null) {
        reject(new Error(`the copy does not load: ${output}`));
      } else if (code === 0) {
        resolve(last);
      } else {
        resolve({ seed: current, failure: { invariant: 'process', message: output } });
      }
    });
  });
}

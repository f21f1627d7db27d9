import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Coverage } from './coverage.js';
import { describeFailure } from './report.js';
import type { Totals } from './report.js';
import { simulate } from './simulator.js';
import type { RunResult } from './simulator.js';
import { shrink } from './shrink.js';

/** Which seeds to run: `from`, `from + step`, ... below `until`. */
export interface SeedRange {
  readonly from: number;
  readonly until: number;
  readonly step: number;
  readonly events: number;
}

/** What one run adds to the totals; `failure` is the report, null where every invariant held. */
export interface RunSummary {
  readonly seed: number;
  readonly events: number;
  readonly committed: number;
  readonly coverage: Readonly<Record<string, number>>;
  readonly failure: string | null;
}

/** One seed in so many is run twice: both runs must be the same (I25). */
const repeatEvery = 100;

/** Runs the seeds one after the other; a run that fails is shrunk. */
export function runSeeds(range: SeedRange, onRun: (summary: RunSummary) => void): void {
  for (let seed = range.from; seed < range.until; seed += range.step) {
    const result = runSeed(seed, range.events);
    onRun({
      seed,
      events: result.events,
      committed: result.committed,
      coverage: result.coverage.toJson(),
      failure: result.failure === null ? null : describeFailure(shrink(result)),
    });
  }
}

function runSeed(seed: number, events: number): RunResult {
  const result = simulate(seed, { events });
  if (seed % repeatEvery === 0 && simulate(seed, { events }).traceHash !== result.traceHash) {
    throw new Error(`I25: seed ${seed} gives another run each time`);
  }
  return result;
}

/** Runs the seeds in `jobs` processes of their own. Resolves when all have ended; what `onRun` throws ends them. */
export async function runSeedsInJobs(
  range: SeedRange,
  jobs: number,
  onRun: (summary: RunSummary) => void,
): Promise<void> {
  const program = fileURLToPath(new URL('./batch-worker.ts', import.meta.url));
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const stop = new AbortController();
  const ends = Array.from({ length: jobs }, (_, job) => {
    const own: SeedRange = { ...range, from: range.from + job * range.step, step: range.step * jobs };
    return new Promise<void>((resolve, reject) => {
      const child = fork(program, [JSON.stringify(own)], { cwd, execArgv: ['--import', 'tsx'], signal: stop.signal });
      child.on('message', (summary) => {
        try {
          onRun(summary as RunSummary);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          stop.abort();
        }
      });
      child.on('error', reject);
      child.on('exit', (code) => {
        if (code === 0) {
          resolve();
        } else {
          reject(new Error(`a job ended with ${code ?? 'a signal'}`));
        }
      });
    });
  });
  await Promise.all(ends);
}

export function noRuns(): Totals {
  return { runs: 0, events: 0, committed: 0, coverage: new Coverage() };
}

export function addRun(totals: Totals, summary: RunSummary): void {
  totals.runs += 1;
  totals.events += summary.events;
  totals.committed += summary.committed;
  totals.coverage.merge(Coverage.fromJson(summary.coverage));
}

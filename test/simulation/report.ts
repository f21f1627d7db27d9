import type { Coverage } from './coverage.js';
import { describeParameters } from './parameters.js';
import type { RunResult } from './simulator.js';
import { formatEvent } from './trace.js';

/** Runs so far, of one process or of several. */
export interface Totals {
  runs: number;
  events: number;
  committed: number;
  readonly coverage: Coverage;
}

/** Events that the report of a failure shows; `--trace` shows all. */
const shownEventsMax = 60;

/** Everything that helps to understand a failed run, and the command that repeats it. */
export function describeFailure(result: RunResult): string {
  const { parameters, failure } = result;
  const latest = (failure?.latest ?? []).slice(-shownEventsMax).map(formatEvent);
  return [
    ...describeParameters(parameters).map((line) => `  ${line}`),
    ...latest,
    '',
    `seed ${parameters.seed} breaks ${failure?.invariant ?? 'nothing'} after ${result.events} events:`,
    `  ${failure?.message ?? ''}`,
    '',
    replayCommand(result),
  ].join('\n');
}

/** The command that tells the same run as a story. */
export function replayCommand({ parameters, shape }: RunResult): string {
  const without = shape.without.length === 0 ? '' : ` --without ${shape.without.join(',')}`;
  return `npm run simulate -- --seed ${parameters.seed} --events ${shape.events}${without} --trace`;
}

/** `300 runs, 3,210,000 events, 45,000 events/s` */
export function describeTotals(totals: Totals, elapsedMs: number): string {
  const perSecond = Math.round((totals.events / Math.max(elapsedMs, 1)) * 1000);
  const [runs, events, committed, speed] = [totals.runs, totals.events, totals.committed, perSecond].map((count) =>
    count.toLocaleString('en'),
  );
  return `${runs ?? ''} runs, ${events ?? ''} events, ${committed ?? ''} entries committed, ${speed ?? ''} events/s`;
}

/** `coverage 44 of 47, rarest installInterrupted 12` */
export function describeProgress(coverage: Coverage): string {
  const counts = Object.entries(coverage.toJson()).sort(([, left], [, right]) => left - right);
  const met = counts.filter(([, count]) => count > 0);
  const [rarest, count] = met[0] ?? ['none', 0];
  return `coverage ${met.length} of ${counts.length}, rarest ${rarest} ${count}`;
}

/** One situation a line, with how often it came up. */
export function describeCoverage(coverage: Coverage): string[] {
  return Object.entries(coverage.toJson()).map(([situation, count]) => `  ${situation.padEnd(28)} ${count}`);
}

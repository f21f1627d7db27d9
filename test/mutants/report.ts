import { median } from './trial.js';
import type { Verdict } from './trial.js';

/** The line of one verdict: mutant, seeds, who found it, seconds, the bug. */
export function formatVerdict(verdict: Verdict): string {
  const { mutant, foundBy, seconds, problem } = verdict;
  const end = problem === null ? 'SURVIVES' : 'NOT JUDGED';
  return [
    mutant.id,
    seedsText(verdict).padStart(6),
    (foundBy ?? end).padEnd(26),
    seconds.toFixed(1).padStart(7),
    ` ${problem?.split('\n')[0] ?? mutant.bug}`,
  ].join(' ');
}

/** All verdicts in the order of the mutants, and a line that sums them up. */
export function formatTable(verdicts: readonly Verdict[]): string {
  const header = `    seeds found by${' '.repeat(20)}seconds  bug`;
  const left = verdicts.filter((verdict) => verdict.foundBy === null).map((verdict) => verdict.mutant.id);
  const needed = verdicts.filter((verdict) => verdict.seedsNeeded.length > 0).map(seedsOf);
  const quick = needed.filter((seeds) => seeds <= quickSeeds).length;
  const sum =
    `${verdicts.length - left.length} of ${verdicts.length} found, ` +
    `${quick} of ${needed.length} that the simulator looks for within ${quickSeeds} seeds`;
  const rest = left.length === 0 ? [] : [`not found: ${left.join(' ')}`];
  return [header, ...verdicts.map(formatVerdict), sum, ...rest].join('\n');
}

/** Most mutants should be found by so few seeds. */
const quickSeeds = 200;

function seedsOf(verdict: Verdict): number {
  return median(verdict.seedsNeeded);
}

function seedsText(verdict: Verdict): string {
  if (verdict.seedsNeeded.length === 0) {
    return '';
  }
  const seeds = seedsOf(verdict);
  return Number.isFinite(seeds) ? String(seeds) : '-';
}

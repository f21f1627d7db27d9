import { basename } from 'node:path';
import type { CompiledCopy } from './compiled-copy.js';
import { findByTest } from './find-by-test.js';
import { hunt } from './hunt.js';
import type { KillingSeed } from './killing-seeds.js';
import type { Killer, Mutant } from './mutant.js';
import type { Failure, SeedRange } from './seed-runner.js';

/** How long to look for a mutant. */
export interface TrialOptions {
  /** Seeds of a round. */
  readonly seeds: number;
  /** First seed of the first round; each round begins where the one before ends. */
  readonly from: number;
  readonly rounds: number;
  /** Events with faults in a run. */
  readonly events: number;
}

/** What one of its killers made of a mutant. */
export interface Verdict {
  readonly mutant: Mutant;
  /** What found it: an invariant, or a file of tests; null: it survived, or could not be judged. */
  readonly foundBy: string | null;
  /** Why it could not be judged. */
  readonly problem: string | null;
  /** Seeds that each round needed; Infinity where it found nothing. Empty for a test. */
  readonly seedsNeeded: readonly number[];
  readonly seconds: number;
  /** The first run that shows it. */
  readonly run: KillingSeed | null;
}

/** Lets each killer of a mutant look for it. */
export async function tryMutant(mutant: Mutant, copy: CompiledCopy, options: TrialOptions): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const killer of mutant.killers) {
    const startMs = performance.now();
    const seconds = (): number => (performance.now() - startMs) / 1000;
    try {
      verdicts.push({ ...nothing, mutant, ...(await judge({ mutant, killer }, copy, options)), seconds: seconds() });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      verdicts.push({ ...nothing, mutant, problem, seconds: seconds() });
    }
  }
  return verdicts;
}

/** The middle value; of two middle ones the lower. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity;
}

type Judgement = Partial<Pick<Verdict, 'foundBy' | 'seedsNeeded' | 'run'>>;

const nothing = { foundBy: null, problem: null, seedsNeeded: [], run: null };

/** @throws Error when the mutant does not fit the code, or is not the bug that it is meant to be. */
async function judge(
  { mutant, killer }: { readonly mutant: Mutant; readonly killer: Killer },
  copy: CompiledCopy,
  options: TrialOptions,
): Promise<Judgement> {
  if (killer.kind === 'simulator') {
    return simulate(mutant, copy, options);
  }
  const isFound = await findByTest(mutant, killer);
  return { foundBy: isFound ? basename(killer.file) : null };
}

/** Half of the rounds find it, or it survives. */
async function simulate(mutant: Mutant, copy: CompiledCopy, options: TrialOptions): Promise<Judgement> {
  const runner = copy.plant(mutant);
  const { seeds, events } = options;
  const seedsNeeded: number[] = [];
  let run: KillingSeed | null = null;
  for (let round = 0; round < options.rounds; round += 1) {
    const from = options.from + round * seeds;
    const caught = await huntBug({ runner, original: copy.runner }, { from, until: from + seeds, events });
    seedsNeeded.push(caught === null ? Infinity : caught.seed - from + 1);
    if (caught !== null) {
      run ??= { mutantId: mutant.id, seed: caught.seed, events, invariant: caught.failure.invariant };
    }
  }
  const isFound = Number.isFinite(median(seedsNeeded));
  return { foundBy: isFound ? (run?.invariant ?? null) : null, seedsNeeded, run };
}

/** The first seed that shows the bug; one that breaks an invariant without it too shows something else. */
async function huntBug(
  { runner, original }: { readonly runner: string; readonly original: string },
  range: SeedRange,
): Promise<{ readonly seed: number; readonly failure: Failure } | null> {
  let { from } = range;
  while (from < range.until) {
    const { seed, failure } = await hunt(runner, { ...range, from });
    if (failure === null) {
      return null;
    }
    const control = await hunt(original, { ...range, from: seed, until: seed + 1 });
    if (control.failure === null) {
      return { seed, failure };
    }
    from = seed + 1;
  }
  return null;
}

import { simulate } from '../simulation/simulator.js';

/** Which seeds to run: from `from` on, below `until`, each with `events` events with faults. */
export interface SeedRange {
  readonly from: number;
  readonly until: number;
  readonly events: number;
}

/** How a run broke an invariant. */
export interface Failure {
  readonly invariant: string;
  readonly message: string;
}

/** What the program tells its parent: that it is loaded, then how each seed ended. It ends after the first failure. */
export type RunnerReport =
  { readonly kind: 'loaded' } | { readonly kind: 'ended'; readonly seed: number; readonly failure: Failure | null };

// The range comes as the argument.
await run(JSON.parse(process.argv[2] ?? '') as SeedRange);

async function run({ from, until, events }: SeedRange): Promise<void> {
  await report({ kind: 'loaded' });
  for (let seed = from; seed < until; seed += 1) {
    const { failure } = simulate(seed, { events });
    if (failure !== null) {
      const { invariant, message } = failure;
      await report({ kind: 'ended', seed, failure: { invariant, message } });
      break;
    }
    await report({ kind: 'ended', seed, failure });
  }
  process.disconnect();
}

/** Resolves when the parent can have it: a seed that never ends must not hold back what is known. */
function report(message: RunnerReport): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => {
      if (error === null) {
        resolve();
      } else {
        reject(error);
      }
    });
  });
}

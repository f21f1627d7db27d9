import { buildWhereStale } from '../cluster/build.js';
import { Random } from '../../src/lib/random.js';
import { BootstrapTrial } from './bootstrap-trial.js';
import type { TrialEnd } from './bootstrap-trial.js';
import { readCount, readFlags } from './read-flags.js';

export const BOOTSTRAP_USAGE = `npm run bench -- bootstrap [--trials N] [--seed N]

Three empty nodes with the same arguments (--bootstrap-expect 3) start in any order, up to 3 seconds apart. In half of
the trials one of them is killed meanwhile and comes back with an empty disk, in a quarter with the disk it had. All of
them must end in one cluster, and no second one may ever have had a leader.

  --trials N     how many, default 20; about 8 seconds each
  --seed N       of what is drawn, default 1
`;

/**
 * Founds clusters again and again under kills and wiped disks.
 *
 * @param args - As {@link BOOTSTRAP_USAGE} says.
 * @throws UsageError when they are something else, Error when a trial does not end in one cluster.
 */
export async function runBootstrapTrials(args: readonly string[]): Promise<void> {
  const values = readFlags(args, {
    trials: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  });
  const trials = readCount('--trials', values.trials, 1);
  const random = new Random(readCount('--seed', values.seed, 0));
  buildWhereStale(console.log);
  const ends: TrialEnd[] = [];
  for (let trial = 1; trial <= trials; trial += 1) {
    const end = await new BootstrapTrial(random.fork()).run();
    ends.push(end);
    console.log(`${trial}/${trials}: ${end.story}; ready after ${(end.readyMs / 1000).toFixed(1)} s`);
  }
  report(ends);
}

function report(ends: readonly TrialEnd[]): void {
  const count = (fault: string): number => ends.filter((end) => end.fault === fault).length;
  const sorted = ends.map(({ readyMs }) => readyMs / 1000).sort((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  const replaced = ends.filter(({ wasReplaced }) => wasReplaced).length;
  console.log(
    `\n${ends.length} trials: ${count('wiped')} with a wiped disk (${replaced} of them came in again by POST /join with replace), ` +
      `${count('killed')} with a kill, ${count('none')} without; two clusters: 0`,
  );
  console.log(`seconds until all three vote: p50 ${at(0.5)}, p90 ${at(0.9)}, worst ${at(1)}`);
}

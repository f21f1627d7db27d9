import { parseArgs } from 'node:util';
import { CompiledCopy } from './compiled-copy.js';
import { inJobs } from '../support/in-jobs.js';
import { writeKillingSeeds } from './killing-seeds.js';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants.js';
import { formatTable, formatVerdict } from './report.js';
import { removeScratchFolders } from './scratch-folder.js';
import { tryMutant } from './trial.js';
import type { Verdict } from './trial.js';

/** Shorter runs than those that look for unknown bugs: most mutants need little. */
const defaultEvents = 12_000;

const help = `npm run mutants -- [options]

Plants each bug of the catalogue in a copy of the code and lets the tests look for it. Exits with 1 when one survives.
It takes some ten minutes and a processor for each mutant that the simulator does not find.

  --only M03,M14  only these
  --seeds N       seeds in which the simulator must find a mutant (default 2000)
  --from S        begin at seed S (default 1)
  --rounds R      look R times, each from where the one before ended; the median counts (default 1)
  --events E      events with faults in each run (default ${defaultEvents})
  --jobs J        J mutants at a time (default 1)
  --write-seeds   write the seeds that were found to killing-seeds.txt`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    events: { type: 'string', default: String(defaultEvents) },
    jobs: { type: 'string', default: '1' },
    'write-seeds': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  say(help);
} else {
  await run();
}

async function run(): Promise<void> {
  const options = {
    seeds: count(values.seeds),
    from: count(values.from),
    rounds: count(values.rounds),
    events: count(values.events),
  };
  const copy = new CompiledCopy();
  process.once('exit', removeScratchFolders);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(1));
  }
  const verdicts = await inJobs(chosen(), count(values.jobs), async (mutant) => {
    const found = await tryMutant(mutant, copy, options);
    say(found.map(formatVerdict).join('\n'));
    return found;
  });
  conclude(verdicts.flat());
}

function conclude(verdicts: readonly Verdict[]): void {
  say(`\n${formatTable(verdicts)}`);
  if (values['write-seeds']) {
    writeKillingSeeds(verdicts.flatMap((verdict) => verdict.run ?? []));
  }
  process.exitCode = verdicts.every((verdict) => verdict.foundBy !== null) ? 0 : 1;
}

function chosen(): readonly Mutant[] {
  const ids = values.only?.split(',');
  const unknown = ids?.filter((id) => !mutants.some((mutant) => mutant.id === id)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`there is no mutant ${unknown.join(' ')}`);
  }
  return mutants.filter((mutant) => ids?.includes(mutant.id) ?? true);
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new Error(`${text} is not a number of something\n\n${help}`);
  }
  return number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

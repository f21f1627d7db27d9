import { parseArgs } from 'node:util';
import { addRun, noRuns, runSeeds, runSeedsInJobs } from './batch.js';
import type { RunSummary } from './batch.js';
import { faultClasses } from './parameters.js';
import type { FaultClass } from './parameters.js';
import { describeCoverage, describeFailure, describeProgress, describeTotals } from './report.js';
import { defaultEvents, simulate } from './simulator.js';
import { formatEvent } from './trace.js';

const help = `npm run simulate -- [options]

  --seeds N     run N seeds (default 200)
  --from S      begin at seed S (default 1)
  --jobs J      in J processes (default 1)
  --keep-going  go on after a seed that fails
  --seed S      run one seed
  --trace       tell it as a story
  --without F,G leave classes of faults out of that run
  --events E    events with faults in each run (default ${defaultEvents})`;

/** From so many runs on, all together must have met every situation often enough. */
const coverageRunsMin = 200;

/** Milliseconds between two lines that say how far it is. */
const progressIntervalMs = 5_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    'keep-going': { type: 'boolean', default: false },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    without: { type: 'string' },
    events: { type: 'string', default: String(defaultEvents) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  say(help);
} else if (values.seed === undefined) {
  await runMany();
} else {
  runOne(count(values.seed));
}

/** Exits with 1 when a run fails, or when all together never met one of the situations that they are for. */
async function runMany(): Promise<void> {
  const from = count(values.from);
  const range = { from, until: from + count(values.seeds), step: 1, events: count(values.events) };
  const totals = noRuns();
  const startMs = performance.now();
  let saidMs = startMs;
  const failed: number[] = [];
  const onRun = (summary: RunSummary): void => {
    addRun(totals, summary);
    if (summary.failure !== null) {
      failed.push(summary.seed);
      say(summary.failure);
      if (!values['keep-going']) {
        process.exit(1);
      }
    }
    if (performance.now() - saidMs > progressIntervalMs) {
      saidMs = performance.now();
      const soFar = `${describeTotals(totals, saidMs - startMs)}; ${describeProgress(totals.coverage)}`;
      say(`seed ${summary.seed}: ${soFar}`);
    }
  };
  const jobs = count(values.jobs);
  if (jobs > 1) {
    await runSeedsInJobs(range, jobs, onRun);
  } else {
    runSeeds(range, onRun);
  }
  say(describeCoverage(totals.coverage).join('\n'));
  say(describeTotals(totals, performance.now() - startMs));
  const missing = totals.runs >= coverageRunsMin ? totals.coverage.missing(totals.events) : [];
  if (missing.length > 0) {
    say(`these runs show too little, since they met too seldom: ${missing.join(' ')}`);
  }
  say(failed.length === 0 ? 'every invariant held' : `failed: ${failed.join(' ')}`);
  process.exitCode = failed.length + missing.length === 0 ? 0 : 1;
}

function runOne(seed: number): void {
  const onEvent = values.trace
    ? {
        onEvent: (event: Parameters<typeof formatEvent>[0]) => {
          say(formatEvent(event));
        },
      }
    : {};
  const startMs = performance.now();
  const result = simulate(seed, { events: count(values.events), without: readClasses(values.without), ...onEvent });
  const totals = { runs: 1, events: result.events, committed: result.committed, coverage: result.coverage };
  say(`seed ${seed}: ${describeTotals(totals, performance.now() - startMs)}, trace hash ${result.traceHash}`);
  if (result.failure !== null) {
    say(describeFailure(result));
    process.exitCode = 1;
  }
}

function readClasses(text: string | undefined): FaultClass[] {
  return (text ?? '').split(',').flatMap((name) => {
    const found = faultClasses.find((faultClass) => faultClass === name);
    if (found === undefined && name !== '') {
      throw new Error(`${name} is no class of faults\n\n${faultClasses.join(' ')}`);
    }
    return found === undefined ? [] : [found];
  });
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new Error(`${text} is not a number of something\n\n${help}`);
  }
  return number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

import { Random } from '../../src/lib/random.js';
import { exponential, pick, pickWeighted, spread, uniform } from './draw.js';

/** Classes of faults; each is left out of about half of the runs, so that none hides what another would find. */
export const faultClasses = [
  'delay',
  'loss',
  'duplication',
  'disorder',
  'partition',
  'crash',
  'diskError',
  'slowDisk',
  'pause',
  'clockRate',
  'membership',
  'wipe',
  'transfer',
] as const;

export type FaultClass = (typeof faultClasses)[number];

/** Everything about a run that its seed decides before it begins. Times are milliseconds of virtual time. */
export interface RunParameters {
  readonly seed: number;
  /** Events with faults; then everything heals. */
  readonly events: number;
  readonly voters: number;
  readonly spares: number;
  readonly faults: ReadonlySet<FaultClass>;
  readonly timing: {
    readonly tickMs: number;
    readonly electionTimeoutTicks: number;
    readonly heartbeatIntervalTicks: number;
    readonly preVote: boolean;
    readonly checkQuorum: boolean;
  };
  readonly core: {
    readonly appendBytesMax: number;
    readonly inflightBatchesMax: number;
    readonly applyBytesMax: number;
    readonly logBytesMax: number;
    readonly promoteLagEntriesMax: number;
    readonly commitPersistTicks: number;
  };
  readonly loop: {
    readonly proposalsPendingMax: number;
    readonly readsPendingMax: number;
    readonly writeBatchBytesMax: number;
    readonly applySliceMax: number;
    readonly snapshotEntries: number;
    readonly keepEntries: number;
    readonly snapshotChunkBytes: number;
  };
  readonly network: {
    readonly delayMinMs: number;
    readonly delayMeanMs: number;
    readonly lossRate: number;
    readonly duplicationRate: number;
    /** Messages travel as bytes. */
    readonly isEncoded: boolean;
  };
  readonly disk: {
    readonly meanMs: number;
    readonly stallRate: number;
    readonly errorRate: number;
    /** How often the write in flight survives a crash. */
    readonly keepRate: number;
  };
  readonly workload: {
    readonly clients: number;
    readonly keys: number;
    readonly thinkMeanMs: number;
    readonly timeoutMs: number;
    readonly idempotencyRetentionMs: number;
    readonly valueUnits: number;
  };
  /** Mean time between two faults of one class. */
  readonly faultEveryMs: number;
}

/** @param events - Length of the part with faults. */
export function drawParameters(seed: number, events: number): RunParameters {
  const random = new Random(seed);
  const faults = new Set(faultClasses.filter(() => random.chance(0.5)));
  const timing = drawTiming(random);
  const timeoutMs = timing.electionTimeoutTicks * timing.tickMs;
  return {
    seed,
    events,
    voters: pickWeighted(random, [
      [6, 1],
      [8, 2],
      [50, 3],
      [36, 5],
    ]),
    spares: faults.has('membership') ? pick(random, [1, 2]) : 0,
    faults,
    timing,
    core: drawCore(random),
    loop: drawLoop(random),
    network: drawNetwork(random, faults, timeoutMs),
    disk: {
      meanMs: faults.has('slowDisk')
        ? spread(random, { from: 1, to: timeoutMs })
        : uniform(random, { from: 0.1, until: 5 }),
      stallRate: faults.has('slowDisk') ? 0.005 : 0,
      errorRate: faults.has('diskError') ? 0.001 : 0,
      keepRate: pick(random, [0, 0.5, 1]),
    },
    workload: {
      clients: random.between({ from: 1, until: 9 }),
      keys: spread(random, { from: 1, to: 40 }),
      thinkMeanMs: spread(random, { from: 1, to: 100 }),
      timeoutMs: timeoutMs * random.between({ from: 2, until: 12 }),
      idempotencyRetentionMs: timeoutMs * random.between({ from: 20, until: 200 }),
      valueUnits: spread(random, { from: 1, to: 300 }),
    },
    faultEveryMs: timeoutMs * uniform(random, { from: 3, until: 20 }),
  };
}

function drawTiming(random: Random): RunParameters['timing'] {
  const heartbeatIntervalTicks = random.between({ from: 1, until: 6 });
  return {
    tickMs: 10,
    heartbeatIntervalTicks,
    electionTimeoutTicks: heartbeatIntervalTicks * random.between({ from: 3, until: 9 }) + 1,
    preVote: random.chance(0.8),
    checkQuorum: random.chance(0.8),
  };
}

function drawCore(random: Random): RunParameters['core'] {
  return {
    appendBytesMax: spread(random, { from: 1, to: 10_000 }),
    inflightBatchesMax: spread(random, { from: 1, to: 16 }),
    applyBytesMax: spread(random, { from: 1, to: 100_000 }),
    logBytesMax: random.chance(0.3) ? spread(random, { from: 2_000, to: 20_000 }) : 1_000_000,
    promoteLagEntriesMax: random.between({ from: 0, until: 20 }),
    commitPersistTicks: random.between({ from: 1, until: 20 }),
  };
}

function drawLoop(random: Random): RunParameters['loop'] {
  return {
    proposalsPendingMax: spread(random, { from: 2, to: 64 }),
    readsPendingMax: spread(random, { from: 2, to: 64 }),
    writeBatchBytesMax: spread(random, { from: 1, to: 100_000 }),
    applySliceMax: spread(random, { from: 1, to: 256 }),
    snapshotEntries: spread(random, { from: 5, to: 250 }),
    keepEntries: random.chance(0.3) ? 0 : spread(random, { from: 1, to: 80 }),
    snapshotChunkBytes: spread(random, { from: 100, to: 10_000 }),
  };
}

function drawNetwork(random: Random, faults: ReadonlySet<FaultClass>, timeoutMs: number): RunParameters['network'] {
  const delayMinMs = faults.has('delay') ? random.between({ from: 0, until: 10 }) : 0.1;
  const delayMeanMs = faults.has('delay') ? exponential(random, timeoutMs / 12) + 1 : 1;
  return {
    delayMinMs,
    delayMeanMs,
    lossRate: faults.has('loss') ? uniform(random, { from: 0, until: 0.2 }) : 0,
    duplicationRate: faults.has('duplication') ? uniform(random, { from: 0, until: 0.3 }) : 0,
    isEncoded: random.chance(0.25),
  };
}

/** One line for each group, for whoever reads about a run that failed. */
export function describeParameters(parameters: RunParameters): string[] {
  const { seed, events, voters, spares, faults, ...groups } = parameters;
  return [
    `seed ${seed}, ${events} events, ${voters} voters and ${spares} spare nodes`,
    `faults: ${[...faults].join(' ') || 'none'}`,
    ...Object.entries(groups).map(([name, group]) => `${name}: ${JSON.stringify(group)}`),
  ];
}

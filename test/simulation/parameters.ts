import { Random } from '../../src/lib/random.js';
import { exponential, pick, pickWeighted, spread, uniform } from './draw.js';

/** Classes of faults; each is left out of about half of the runs, so that none hides what another would find. */
export const faultClasses = [
  'delay',
  'loss',
  'duplication',
  'disorder',
  'hold',
  'corruption',
  'partition',
  'crash',
  'diskError',
  'slowDisk',
  'storageFull',
  'pause',
  'clockRate',
  'wallClock',
  'membership',
  'wipe',
  'bitRot',
  'transfer',
  'foreignCluster',
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
    /** 0: states are not compared. */
    readonly checksumIntervalTicks: number;
    readonly snapshotEntries: number;
    readonly keepEntries: number;
    readonly snapshotChunkBytes: number;
  };
  readonly network: {
    readonly delayMinMs: number;
    readonly delayMeanMs: number;
    readonly lossRate: number;
    readonly duplicationRate: number;
    /** How often one bit of a message flips on its way. */
    readonly corruptionRate: number;
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

/** What a run may differ in from what its seed alone would make of it. */
export interface RunShape {
  /** Events of the part with faults. */
  readonly events: number;
  /** Classes that are left out whatever the seed says: the rest of the run is drawn as with them. */
  readonly without?: readonly FaultClass[];
  /** Ticks between two comparisons of the members' states; 0, and where it is not given: never. */
  readonly checksumIntervalTicks?: number;
}

export function drawParameters(
  seed: number,
  { events, without = [], checksumIntervalTicks = 0 }: RunShape,
): RunParameters {
  const random = new Random(seed);
  // A generator for each group, so that one group does not shift the others.
  const [classes, cluster, time, coreLimits, loopLimits, net, store, work] = Array.from({ length: 8 }, () =>
    random.fork(),
  ) as [Random, Random, Random, Random, Random, Random, Random, Random];
  const faults = new Set(faultClasses.filter((each) => classes.chance(0.5) && !without.includes(each)));
  const timing = drawTiming(time);
  const core = drawCore(coreLimits);
  const timeoutMs = timing.electionTimeoutTicks * timing.tickMs;
  return {
    seed,
    events,
    ...drawCluster(cluster, faults),
    faults,
    timing,
    core,
    loop: { ...drawLoop(loopLimits), checksumIntervalTicks },
    network: drawNetwork(net, faults, timeoutMs),
    disk: drawDisk(store, faults, timeoutMs),
    workload: drawWorkload(work, timeoutMs, core.logBytesMax),
    faultEveryMs: timeoutMs * spread(time, { from: 3, to: 30 }),
  };
}

function drawCluster(random: Random, faults: ReadonlySet<FaultClass>): Pick<RunParameters, 'voters' | 'spares'> {
  const voters = pickWeighted(random, [
    [3, 1],
    [3, 2],
    [40, 3],
    [8, 4],
    [40, 5],
    [6, 7],
  ] as const);
  const spares = pick(random, [1, 2, 3]);
  return { voters, spares: faults.has('membership') ? spares : 0 };
}

function drawTiming(random: Random): RunParameters['timing'] {
  const heartbeatIntervalTicks = pick(random, [1, 1, 2, 3]);
  return {
    tickMs: 10,
    heartbeatIntervalTicks,
    electionTimeoutTicks: heartbeatIntervalTicks * random.between({ from: 2, until: 8 }) + 1,
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

function drawLoop(random: Random): Omit<RunParameters['loop'], 'checksumIntervalTicks'> {
  return {
    proposalsPendingMax: spread(random, { from: 2, to: 64 }),
    readsPendingMax: spread(random, { from: 2, to: 64 }),
    writeBatchBytesMax: spread(random, { from: 1, to: 100_000 }),
    applySliceMax: spread(random, { from: 1, to: 256 }),
    snapshotEntries: spread(random, { from: 5, to: 250 }),
    keepEntries: random.chance(0.2) ? 0 : spread(random, { from: 1, to: 80 }),
    snapshotChunkBytes: spread(random, { from: 100, to: 10_000 }),
  };
}

function drawNetwork(random: Random, faults: ReadonlySet<FaultClass>, timeoutMs: number): RunParameters['network'] {
  const drawn = {
    delayMinMs: uniform(random, { from: 0, until: timeoutMs / 20 }),
    delayMeanMs: exponential(random, timeoutMs / 20) + 1,
    lossRate: uniform(random, { from: 0, until: 0.3 }),
    duplicationRate: uniform(random, { from: 0, until: 0.5 }),
    isEncoded: random.chance(0.25),
  };
  return {
    delayMinMs: faults.has('delay') ? drawn.delayMinMs : 0.1,
    delayMeanMs: faults.has('delay') ? drawn.delayMeanMs : 1,
    lossRate: faults.has('loss') ? drawn.lossRate : 0,
    duplicationRate: faults.has('duplication') ? drawn.duplicationRate : 0,
    corruptionRate: faults.has('corruption') ? 0.001 : 0,
    isEncoded: drawn.isEncoded,
  };
}

function drawDisk(random: Random, faults: ReadonlySet<FaultClass>, timeoutMs: number): RunParameters['disk'] {
  const [slowMs, quickMs] = [spread(random, { from: 1, to: timeoutMs }), uniform(random, { from: 0.1, until: 5 })];
  return {
    meanMs: faults.has('slowDisk') ? slowMs : quickMs,
    stallRate: faults.has('slowDisk') ? 0.005 : 0,
    errorRate: faults.has('diskError') ? 0.005 : 0,
    keepRate: pick(random, [0, 0.5, 1]),
  };
}

/** Values fit several times into the log, as the settings of a real node demand it. */
function drawWorkload(random: Random, timeoutMs: number, logBytesMax: number): RunParameters['workload'] {
  return {
    clients: random.between({ from: 1, until: 21 }),
    keys: spread(random, { from: 1, to: 500 }),
    thinkMeanMs: spread(random, { from: 1, to: 30 }),
    timeoutMs: timeoutMs * spread(random, { from: 1, to: 6 }),
    idempotencyRetentionMs: timeoutMs * random.between({ from: 20, until: 200 }),
    valueUnits: Math.min(random.chance(0.05) ? 20_000 : spread(random, { from: 1, to: 300 }), logBytesMax / 10),
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

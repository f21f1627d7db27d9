import { percentile } from './percentile.js';
import { overlaps, pausesOf } from './recording.js';
import type { Pause, Recording, Span } from './recording.js';

/** Upper ends of the histogram's rows, in milliseconds. */
const bucketEndsMs = [1, 2, 5, 10, 25, 50, 100, 250, Infinity] as const;

/** A pause of which the collector's part is at least this large is the collector's. */
const COLLECTOR_PART = 0.5;
const LONGEST_SHOWN = 10;

/** What a node's loop and its clients saw, either with a snapshot under way or without. */
export interface Side {
  readonly seconds: number;
  readonly turns: number;
  /** One count for each of the buckets: up to 1 ms, 2 ms, ... */
  readonly histogram: readonly number[];
  readonly longestMs: number;
  /** The longest that the thread itself ran in one turn: on a machine that others use, the rest is theirs. */
  readonly longestRanMs: number;
  /** Ordered by that. */
  readonly longest: readonly Pause[];
  readonly above25Ms: { readonly count: number; readonly ofCollector: number; readonly ranCount: number };
  readonly collector: { readonly runs: number; readonly totalMs: number; readonly longestMs: number };
  readonly puts: { readonly count: number; readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
}

export interface SnapshotFigures {
  /** All that were under way while clients wrote. */
  readonly snapshots: readonly Span[];
  /** Those that began and ended while clients wrote, in milliseconds. */
  readonly snapshotsMs: readonly number[];
  readonly with: Side;
  readonly without: Side;
}

/** Splits what was recorded while clients wrote. */
export function snapshotFigures(written: {
  readonly recording: Recording;
  readonly span: Span;
  readonly answered: readonly Span[];
}): SnapshotFigures {
  const { recording, span, answered } = written;
  const snapshots = recording.spans.filter((snapshot) => overlaps(snapshot, span));
  const isWith = (part: Span): boolean => snapshots.some((snapshot) => overlaps(snapshot, part));
  const pauses = pausesOf(recording, span);
  const collections = recording.collections
    .map(({ startMs, ms }) => ({ startMs, endMs: startMs + ms, ms }))
    .filter((collection) => overlaps(collection, span));
  const withSeconds = snapshots.reduce((sum, snapshot) => sum + lengthWithin(snapshot, span), 0) / 1000;
  const side = (seconds: number, chosen: (part: Span) => boolean): Side =>
    sideOf(seconds, {
      pauses: pauses.filter(chosen),
      collections: collections.filter(chosen),
      answered: answered.filter(chosen),
    });
  return {
    snapshots,
    snapshotsMs: snapshots
      .filter((snapshot) => snapshot.startMs >= span.startMs && snapshot.endMs <= span.endMs)
      .map((snapshot) => snapshot.endMs - snapshot.startMs),
    with: side(withSeconds, isWith),
    without: side((span.endMs - span.startMs) / 1000 - withSeconds, (part) => !isWith(part)),
  };
}

/** The figures as lines of text. */
export function snapshotLines({ snapshots, snapshotsMs, ...sides }: SnapshotFigures): string[] {
  const rows: [string, (side: Side) => string][] = [
    ['seconds', (side) => side.seconds.toFixed(1)],
    ...bucketEndsMs.map((_, place): [string, (side: Side) => string] => [
      `pauses ${bucketName(place)}`,
      (side) => String(side.histogram[place]),
    ]),
    ['longest pause, ms', (side) => side.longestMs.toFixed(1)],
    ['  of it on a CPU', (side) => side.longestRanMs.toFixed(1)],
    ['above 25 ms', (side) => String(side.above25Ms.count)],
    ['  of the collector', (side) => String(side.above25Ms.ofCollector)],
    ['  as long on a CPU', (side) => String(side.above25Ms.ranCount)],
    ['collections', (side) => String(side.collector.runs)],
    ['  together, ms', (side) => side.collector.totalMs.toFixed(0)],
    ['  longest, ms', (side) => side.collector.longestMs.toFixed(1)],
    ['PUT per second', (side) => (side.puts.count / side.seconds).toFixed(0)],
    ['  p50, ms', (side) => side.puts.p50Ms.toFixed(2)],
    ['  p99, ms', (side) => side.puts.p99Ms.toFixed(2)],
    ['  longest, ms', (side) => side.puts.maxMs.toFixed(1)],
  ];
  const durations = snapshotsMs.map((ms) => (ms / 1000).toFixed(1)).join(' ');
  return [
    '',
    `${snapshotsMs.length} snapshots while clients wrote, in seconds: ${durations}`,
    `${''.padEnd(28)}${'snapshot'.padStart(12)}${'none'.padStart(12)}`,
    ...rows.map(([name, cell]) => name.padEnd(28) + cell(sides.with).padStart(12) + cell(sides.without).padStart(12)),
    'longest pauses with a snapshot under way, by the time on a CPU:',
    ...sides.with.longest.map((pause) => `${pauseLine(pause)}, ${placeIn(snapshots, pause)}`),
    'longest pauses without:',
    ...sides.without.longest.map(pauseLine),
    '',
  ];
}

function sideOf(
  seconds: number,
  seen: {
    readonly pauses: readonly Pause[];
    readonly collections: readonly { readonly ms: number }[];
    readonly answered: readonly Span[];
  },
): Side {
  const { pauses, collections, answered } = seen;
  const long = pauses.filter((pause) => pause.ms > 25);
  const latencies = answered.map(({ startMs, endMs }) => endMs - startMs).sort((left, right) => left - right);
  return {
    seconds,
    turns: pauses.length,
    histogram: bucketEndsMs.map((_, place) => pauses.filter(({ ms }) => bucketOf(ms) === place).length),
    longestMs: largest(pauses.map(({ ms }) => ms)),
    longestRanMs: largest(pauses.map(({ ranMs }) => ranMs)),
    longest: [...pauses].sort((left, right) => right.ranMs - left.ranMs).slice(0, LONGEST_SHOWN),
    above25Ms: {
      count: long.length,
      ofCollector: long.filter(({ ms, collectorMs }) => collectorMs >= ms * COLLECTOR_PART).length,
      ranCount: long.filter(({ ranMs }) => ranMs > 25).length,
    },
    collector: {
      runs: collections.length,
      totalMs: collections.reduce((sum, { ms }) => sum + ms, 0),
      longestMs: largest(collections.map(({ ms }) => ms)),
    },
    puts: {
      count: latencies.length,
      p50Ms: percentile(latencies, 50),
      p99Ms: percentile(latencies, 99),
      maxMs: latencies.at(-1) ?? 0,
    },
  };
}

function pauseLine({ ms, ranMs, collectorMs, collections }: Pause): string {
  const collected =
    collections.length === 0 ? '' : `, ${collectorMs.toFixed(1)} ms collector (${collections.join(' ')})`;
  return `  ${ranMs.toFixed(1)} ms of ${ms.toFixed(1)} ms${collected}`;
}

/** Where in its snapshot a pause ends. */
function placeIn(snapshots: readonly Span[], pause: Pause): string {
  const around = snapshots.find((snapshot) => overlaps(snapshot, pause));
  return around === undefined
    ? 'between snapshots'
    : `${((pause.endMs - around.startMs) / 1000).toFixed(2)} of ${((around.endMs - around.startMs) / 1000).toFixed(2)} s`;
}

function bucketOf(ms: number): number {
  return bucketEndsMs.findIndex((end) => ms <= end);
}

function bucketName(place: number): string {
  const end = bucketEndsMs[place] ?? Infinity;
  return end === Infinity ? `above ${String(bucketEndsMs[place - 1])} ms` : `up to ${end} ms`;
}

function lengthWithin(part: Span, whole: Span): number {
  return Math.max(0, Math.min(part.endMs, whole.endMs) - Math.max(part.startMs, whole.startMs));
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

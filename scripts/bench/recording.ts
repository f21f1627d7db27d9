/** A stretch of time, in milliseconds since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What node-probe.mjs writes; times are milliseconds since the epoch. */
export interface Recording {
  /** When the process began. */
  readonly startedMs: number;
  /** Triples: end of a turn of the loop, milliseconds it took, milliseconds of them without a CPU. */
  readonly samples: readonly number[];
  readonly collections: readonly Collection[];
  /** The snapshots that the node took. */
  readonly spans: readonly Span[];
  /** What a start is made of. */
  readonly parts: readonly Part[];
}

/** One run of the garbage collector that stops the thread. */
export interface Collection {
  readonly startMs: number;
  readonly ms: number;
  readonly kind: string;
}

/** The calls of one kind: from the first to the last, and what they took together. */
export interface Part extends Span {
  readonly name: string;
  readonly busyMs: number;
  readonly calls: number;
}

/** One turn of the loop that took longer than it should. */
export interface Pause extends Span {
  readonly ms: number;
  /** Time in which the thread was ready to run and another one had its CPU. */
  readonly cpuWaitMs: number;
  readonly collectorMs: number;
  /** Kinds of the collections in the turn. */
  readonly collections: readonly string[];
}

/** The turns of the loop within `span`, with what the collector did in them. */
export function pausesOf({ samples, collections }: Recording, span: Span): Pause[] {
  const ordered = [...collections].sort((left, right) => left.startMs - right.startMs);
  const pauses: Pause[] = [];
  let next = 0;
  for (const [endMs, ms, cpuWaitMs] of triples(samples)) {
    const startMs = endMs - ms;
    const within: Collection[] = [];
    for (let run = ordered[next]; run !== undefined && run.startMs < endMs; run = ordered[next]) {
      within.push(run);
      next += 1;
    }
    if (startMs >= span.startMs && endMs <= span.endMs) {
      const collectorMs = within.reduce((sum, run) => sum + run.ms, 0);
      pauses.push({ startMs, endMs, ms, cpuWaitMs, collectorMs, collections: within.map(({ kind }) => kind) });
    }
  }
  return pauses;
}

function* triples(samples: readonly number[]): Generator<readonly [endMs: number, ms: number, cpuWaitMs: number]> {
  for (let place = 0; place + 2 < samples.length; place += 3) {
    yield [samples[place] ?? 0, samples[place + 1] ?? 0, samples[place + 2] ?? 0];
  }
}

export function overlaps(left: Span, right: Span): boolean {
  return left.startMs < right.endMs && right.startMs < left.endMs;
}

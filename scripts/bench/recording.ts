/** A stretch of time, in milliseconds since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What node-probe.mjs writes; times are milliseconds since the epoch. */
export interface Recording {
  /** When the process began. */
  readonly startedMs: number;
  /** Triples: end of a turn of the loop, milliseconds it took, milliseconds that the thread ran, null where unknown. */
  readonly samples: readonly (number | null)[];
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
  /** How long the thread ran itself, at most `ms`: what is left of the pause on a machine of its own, the time of helping threads apart. */
  readonly ranMs: number;
  readonly collectorMs: number;
  /** Kinds of the collections in the turn. */
  readonly collections: readonly string[];
}

/** The turns of the loop within `span`, with what the collector did in them. */
export function pausesOf({ samples, collections }: Recording, span: Span): Pause[] {
  const ordered = [...collections].sort((left, right) => left.startMs - right.startMs);
  const pauses: Pause[] = [];
  let next = 0;
  for (const [endMs, ms, ranMs] of triples(samples)) {
    const startMs = endMs - ms;
    const within: Collection[] = [];
    for (let run = ordered[next]; run !== undefined && run.startMs < endMs; run = ordered[next]) {
      within.push(run);
      next += 1;
    }
    if (startMs >= span.startMs && endMs <= span.endMs) {
      const collectorMs = within.reduce((sum, run) => sum + run.ms, 0);
      pauses.push({ startMs, endMs, ms, ranMs, collectorMs, collections: within.map(({ kind }) => kind) });
    }
  }
  return pauses;
}

/** Milliseconds that the main thread ran until `untilMs`. */
export function ranUntil({ samples }: Recording, untilMs: number): number {
  let sum = 0;
  for (const [endMs, , ranMs] of triples(samples)) {
    sum += endMs <= untilMs ? ranMs : 0;
  }
  return sum;
}

function* triples(samples: Recording['samples']): Generator<readonly [endMs: number, ms: number, ranMs: number]> {
  for (let place = 0; place + 2 < samples.length; place += 3) {
    const ms = samples[place + 1] ?? 0;
    yield [samples[place] ?? 0, ms, Math.min(ms, samples[place + 2] ?? ms)];
  }
}

export function overlaps(left: Span, right: Span): boolean {
  return left.startMs < right.endMs && right.startMs < left.endMs;
}

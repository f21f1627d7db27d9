import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { percentile } from '../percentile.js';
import { isAccepted } from './open-loop.js';
import type { TurnLoad } from './closed-loop.js';
import type { Answered, ClockedLoad } from './open-loop.js';

/** What a process of the flood is told. */
export interface FloodOrder {
  readonly url: string;
  /** Without a rate: each connection as soon as it is answered. */
  readonly load: ClockedLoad | TurnLoad;
  /** Clients beside it that heed `Retry-After`. */
  readonly patientClients: number;
}

/** What became of requests that were more than the server takes. */
export interface FloodResult {
  readonly seconds: number;
  /** Answers of 2xx by the second in which they came, of the seconds in which requests were sent. */
  readonly acceptedBySecond: readonly number[];
  readonly accepted: Latencies;
  /** 503. */
  readonly refused: Latencies;
  readonly patient: { readonly accepted: Latencies; readonly refused: Latencies };
  readonly refusedWithoutRetryAfter: number;
  /** How often any other status came; 0: no answer. */
  readonly others: Readonly<Record<string, number>>;
}

export interface Latencies {
  readonly count: number;
  readonly fromDue: LatencyFigures;
  /** Without the time for which a request waited for a connection. */
  readonly fromSent: LatencyFigures;
}

interface LatencyFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Latencies of answers of one kind, as plain numbers: millions of them must not cost the clients their time. */
class LatencyTally {
  private readonly fromDueMs: number[] = [];
  private readonly fromSentMs: number[] = [];

  note({ latencyMs, servedMs }: Answered): void {
    this.fromDueMs.push(latencyMs);
    this.fromSentMs.push(servedMs);
  }

  result(): Latencies {
    return { count: this.fromDueMs.length, fromDue: figuresOf(this.fromDueMs), fromSent: figuresOf(this.fromSentMs) };
  }
}

/** Counts answers of a flood as they come. */
export class FloodTally {
  private readonly accepted = new LatencyTally();
  private readonly refused = new LatencyTally();
  private readonly patientAccepted = new LatencyTally();
  private readonly patientRefused = new LatencyTally();
  private readonly bySecond: number[];
  private refusedWithoutRetryAfter = 0;
  private readonly others: Record<string, number> = {};

  constructor(private readonly load: Pick<ClockedLoad, 'seconds'>) {
    this.bySecond = Array.from({ length: load.seconds }, () => 0);
  }

  note(answered: Answered): void {
    this.count(answered, this.accepted, this.refused);
    const second = Math.floor(answered.atMs / 1000);
    if (isAccepted(answered.status) && second < this.bySecond.length) {
      this.bySecond[second] = (this.bySecond[second] ?? 0) + 1;
    }
  }

  /** An answer to a client that heeds `Retry-After`. */
  notePatient(answered: Answered): void {
    this.count(answered, this.patientAccepted, this.patientRefused);
  }

  result(): FloodResult {
    return {
      seconds: this.load.seconds,
      acceptedBySecond: this.bySecond,
      accepted: this.accepted.result(),
      refused: this.refused.result(),
      patient: { accepted: this.patientAccepted.result(), refused: this.patientRefused.result() },
      refusedWithoutRetryAfter: this.refusedWithoutRetryAfter,
      others: this.others,
    };
  }

  private count(answered: Answered, accepted: LatencyTally, refused: LatencyTally): void {
    const { status, retryAfter } = answered;
    if (isAccepted(status)) {
      accepted.note(answered);
    } else if (status === 503) {
      refused.note(answered);
      this.refusedWithoutRetryAfter += retryAfter === null ? 1 : 0;
    } else {
      this.others[status] = (this.others[status] ?? 0) + 1;
    }
  }
}

function figuresOf(latencies: readonly number[]): LatencyFigures {
  const sorted = Float64Array.from(latencies).sort();
  return { p50Ms: percentile(sorted, 50), p99Ms: percentile(sorted, 99) };
}

/** Sends from a process of its own, by the clock or in turn. @throws Error when that process fails. */
export async function flood(order: FloodOrder): Promise<FloodResult> {
  const child = fork(fileURLToPath(new URL('./flood-process.ts', import.meta.url)), {
    // Figures that are not there are NaN, which JSON has not.
    serialization: 'advanced',
  });
  const ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error('the process that sends requests ended');
  });
  child.send(order);
  const [result] = (await Promise.race([once(child, 'message'), failed])) as [FloodResult];
  child.disconnect();
  failed.catch(() => undefined);
  await ended;
  return result;
}

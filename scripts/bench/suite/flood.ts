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
}

/** What became of requests that were more than the server takes. */
export interface FloodResult {
  readonly seconds: number;
  /** Answers of 2xx by the second in which they came, of the seconds in which requests were sent. */
  readonly acceptedBySecond: readonly number[];
  readonly accepted: Latencies;
  /** 503. */
  readonly refused: Latencies;
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

/** Counts answers of a flood as they come. */
export class FloodTally {
  private readonly accepted: Answered[] = [];
  private readonly refused: Answered[] = [];
  private readonly bySecond: number[];
  private refusedWithoutRetryAfter = 0;
  private readonly others: Record<string, number> = {};

  constructor(private readonly load: Pick<ClockedLoad, 'seconds'>) {
    this.bySecond = Array.from({ length: load.seconds }, () => 0);
  }

  note(answered: Answered): void {
    const { status, hasRetryAfter, atMs } = answered;
    if (isAccepted(status)) {
      this.accepted.push(answered);
      const second = Math.floor(atMs / 1000);
      if (second < this.bySecond.length) {
        this.bySecond[second] = (this.bySecond[second] ?? 0) + 1;
      }
    } else if (status === 503) {
      this.refused.push(answered);
      this.refusedWithoutRetryAfter += hasRetryAfter ? 0 : 1;
    } else {
      this.others[status] = (this.others[status] ?? 0) + 1;
    }
  }

  result(): FloodResult {
    return {
      seconds: this.load.seconds,
      acceptedBySecond: this.bySecond,
      accepted: latenciesOf(this.accepted),
      refused: latenciesOf(this.refused),
      refusedWithoutRetryAfter: this.refusedWithoutRetryAfter,
      others: this.others,
    };
  }
}

function latenciesOf(answers: readonly Answered[]): Latencies {
  return {
    count: answers.length,
    fromDue: figuresOf(answers.map(({ latencyMs }) => latencyMs)),
    fromSent: figuresOf(answers.map(({ servedMs }) => servedMs)),
  };
}

function figuresOf(latencies: readonly number[]): LatencyFigures {
  const sorted = [...latencies].sort((left, right) => left - right);
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

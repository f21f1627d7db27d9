import type { Metrics } from '../metrics/metrics.js';
import type { Histogram } from '../metrics/histogram.js';
import type { ConsensusError } from './consensus.errors.js';
import type { Caller } from './pending-proposals.js';
import type { ReadConfirmation } from '../raft/index.js';

/** Outcomes after which something may have been carried out, or only the answer is late. */
const uncertainCodes = ['OUTCOME_UNKNOWN', 'TIMEOUT'];

const levels: Readonly<Record<ReadConfirmation, string>> = { quorum: 'consistent', contact: 'default' };

/** Times what callers wait for on this node, and counts what it refuses. */
export class RequestMeter {
  constructor(private readonly metrics: Metrics) {}

  proposal<T>(caller: Caller<T>): Caller<T> {
    return this.timed(caller, this.metrics.proposals);
  }

  read<T>(caller: Caller<T>, confirmation: ReadConfirmation): Caller<T> {
    return this.timed(caller, this.metrics.reads, levels[confirmation]);
  }

  /** A write was refused before it became a proposal. */
  noteOverload(): void {
    this.metrics.requestsRefused.inc({ reason: 'overloaded' });
  }

  private timed<T>(caller: Caller<T>, histogram: Histogram, ...labels: readonly string[]): Caller<T> {
    const sinceMs = performance.now();
    const observe = (outcome: string): void => {
      histogram.series(...labels, outcome).observe((performance.now() - sinceMs) / 1000);
    };
    return {
      resolve: (value) => {
        observe('ok');
        caller.resolve(value);
      },
      reject: (error) => {
        observe(error.code.toLowerCase());
        this.countRefusal(error);
        caller.reject(error);
      },
    };
  }

  private countRefusal({ code }: ConsensusError): void {
    if (!uncertainCodes.includes(code)) {
      this.metrics.requestsRefused.inc({ reason: code.toLowerCase() });
    }
  }
}

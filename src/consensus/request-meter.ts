import type { Metrics } from '../metrics/metrics.js';
import type { ConsensusError } from './consensus.errors.js';
import type { Caller } from './pending-proposals.js';
import type { ReadConfirmation } from '../raft/index.js';

/** One series of a histogram. */
interface Observer {
  observe(seconds: number): void;
}

/** Outcomes after which something may have been carried out, or only the answer is late. */
const uncertainCodes = ['OUTCOME_UNKNOWN', 'TIMEOUT'];

const levels: Readonly<Record<ReadConfirmation, string>> = { quorum: 'consistent', contact: 'default' };

/** Times what callers wait for on this node, and counts what it refuses. */
export class RequestMeter {
  private readonly observers = new Map<string, Observer>();

  constructor(private readonly metrics: Metrics) {}

  proposal<T>(caller: Caller<T>): Caller<T> {
    return this.timed(caller, 'proposal', (outcome) => this.metrics.proposals.labels(outcome));
  }

  read<T>(caller: Caller<T>, confirmation: ReadConfirmation): Caller<T> {
    const level = levels[confirmation];
    return this.timed(caller, level, (outcome) => this.metrics.reads.labels(level, outcome));
  }

  private timed<T>(caller: Caller<T>, kind: string, observerOf: (outcome: string) => Observer): Caller<T> {
    const sinceMs = performance.now();
    const observe = (outcome: string): void => {
      // Looking a series up by its labels costs more than observing.
      const name = `${kind} ${outcome}`;
      const observer = this.observers.get(name) ?? observerOf(outcome);
      this.observers.set(name, observer);
      observer.observe((performance.now() - sinceMs) / 1000);
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

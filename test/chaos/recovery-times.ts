import { at } from '../../src/lib/assert.js';
import type { PastFault } from './schedule.js';
import type { Observation } from './workload/observation.js';

/** How long it took after a fault until a client's request was done; in milliseconds. */
export interface Recovery {
  readonly fault: PastFault;
  /** From the beginning of the fault to the end of the first write that began after it and was acknowledged. */
  readonly sinceBeginMs: number | null;
  /** The same from the end of the fault. */
  readonly sinceEndMs: number | null;
}

/** The recovery of every fault. Null: no write was acknowledged any more. */
export function recoveriesOf(faults: readonly PastFault[], observations: readonly Observation[]): Recovery[] {
  const writes = observations
    .map(({ operation }) => operation)
    .filter(({ op, outcome, end }) => op !== 'get' && outcome === 'ok' && end !== null)
    .map(({ start, end }) => ({ start, end: end ?? start }))
    .sort((left, right) => left.end - right.end);
  const firstAfter = (moment: number): number | null => {
    const write = writes.find(({ start }) => start >= moment);
    return write === undefined ? null : write.end - moment;
  };
  return faults.map((fault) => {
    return { fault, sinceBeginMs: firstAfter(fault.began), sinceEndMs: firstAfter(fault.ended) };
  });
}

/** Half of the values are no larger, all but 1 % are no larger, and the largest; in seconds with one digit. */
export function spreadOf(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null).sort((left, right) => left - right);
  if (known.length === 0) {
    return 'none';
  }
  const part = (share: number): string => (at(known, Math.floor((known.length - 1) * share)) / 1000).toFixed(2);
  return `p50 ${part(0.5)} s, p99 ${part(0.99)} s, max ${part(1)} s`;
}

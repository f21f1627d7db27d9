import type { FaultClass, RunShape } from './parameters.js';
import { simulate } from './simulator.js';
import type { RunResult } from './simulator.js';

/** Shorter runs that are tried for each failure. */
const halvingsMax = 12;

/**
 * Looks for a simpler run of the same seed that breaks the same invariant: without classes of faults that it does not
 * need, and with fewer events before everything heals.
 *
 * @param onTry - Called before each run, with what is tried.
 */
export function shrink(failed: RunResult, onTry: (shape: RunShape) => void = () => undefined): RunResult {
  const { seed } = failed.parameters;
  const attempt = (shape: RunShape): RunResult | null => {
    onTry(shape);
    const result = simulate(seed, shape);
    return result.failure?.invariant === failed.failure?.invariant ? result : null;
  };
  return shorten(dropFaults(failed, attempt), attempt);
}

type Attempt = (shape: RunShape) => RunResult | null;

/** Leaves out one class after the other, as long as the failure stays. */
function dropFaults(failed: RunResult, attempt: Attempt): RunResult {
  let simplest = failed;
  for (const faultClass of failed.parameters.faults) {
    const without: FaultClass[] = [...simplest.shape.without, faultClass];
    simplest = attempt({ ...simplest.shape, without }) ?? simplest;
  }
  return simplest;
}

/**
 * Ends the part with faults sooner. A failure in that part is cut off right behind it; one that shows only when
 * everything has healed is searched for by halving.
 */
function shorten(failed: RunResult, attempt: Attempt): RunResult {
  let simplest = attempt({ ...failed.shape, events: Math.min(failed.shape.events, failed.events) }) ?? failed;
  let low = 0;
  for (let halving = 0; halving < halvingsMax && simplest.shape.events - low > 1; halving += 1) {
    const events = Math.floor((low + simplest.shape.events) / 2);
    const shorter = attempt({ ...simplest.shape, events });
    if (shorter === null) {
      low = events;
    } else {
      simplest = shorter;
    }
  }
  return simplest;
}

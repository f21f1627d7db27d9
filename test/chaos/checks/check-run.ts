import type { Finding, Observation } from '../workload/observation.js';
import { checkFinalStates } from './final-state.js';
import type { FinalState } from './final-state.js';
import { checkLinearizability, checkRegisterZones } from './linearizability.js';
import { checkRevisionOrder, checkStaleReads } from './revision-order.js';
import { checkValues, valuesRead } from './values.js';
import { WriteIndex } from './write-index.js';

/** What was seen so far, judged by what is quick: a broken run need not go on. */
export function checkProgress(observations: readonly Observation[], electionTimeoutMs: number): Finding[] {
  return [...checkSeen(observations, electionTimeoutMs), ...checkRegisterZones(observations)];
}

/** Everything that was seen, and what every node holds in the end. */
export function checkRun(
  observations: readonly Observation[],
  states: readonly FinalState[],
  electionTimeoutMs: number,
): Finding[] {
  return [
    ...checkSeen(observations, electionTimeoutMs),
    ...checkFinalStates(new WriteIndex(observations), states),
    ...checkLinearizability(observations),
  ];
}

function checkSeen(observations: readonly Observation[], electionTimeoutMs: number): Finding[] {
  return [
    ...checkRevisionOrder(observations, electionTimeoutMs),
    ...checkStaleReads(observations),
    ...checkValues(new WriteIndex(observations), valuesRead(observations)),
  ];
}

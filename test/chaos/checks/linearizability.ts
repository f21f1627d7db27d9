import { checkLinearizable, checkRegisters, describeViolation } from '../../linearizability/index.js';
import type { Report } from '../../linearizability/index.js';
import type { Finding, Observation } from '../workload/observation.js';

/** By the revisions and values alone; fast enough to be asked again and again. */
export function checkRegisterZones(observations: readonly Observation[]): Finding[] {
  return findingsOf('linearizability, by zones', checkRegisters(operationsOf(observations)));
}

/** Both checkers, which share no method, must accept the history; one without verdict does not. */
export function checkLinearizability(observations: readonly Observation[]): Finding[] {
  return [
    ...checkRegisterZones(observations),
    ...findingsOf('linearizability, by search', checkLinearizable(operationsOf(observations))),
  ];
}

function operationsOf(observations: readonly Observation[]): Observation['operation'][] {
  return observations.map(({ operation }) => operation);
}

function findingsOf(check: string, report: Report): Finding[] {
  if (report.violation !== null) {
    return [{ check, text: `not linearizable: ${describeViolation(report.violation)}` }];
  }
  if (report.verdict === 'linearizable') {
    return [];
  }
  return [{ check, text: `no verdict on ${report.undecidedKeys.slice(0, 10).join(', ')}` }];
}

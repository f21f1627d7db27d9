import type { ChaosResult } from './chaos-run.js';
import { spreadOf } from './recovery-times.js';

/** The result of a run, line by line. */
export function summaryOf({ findings, recoveries, tally, isInterrupted }: ChaosResult): string[] {
  const faults = new Map<string, number>();
  for (const { fault } of recoveries) {
    faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1);
  }
  const ofLeader = recoveries.filter(({ fault }) => fault.kind === 'kill-leader');
  const verdict =
    findings.length === 0 ? 'accepted' : `NOT accepted: ${[...new Set(findings.map(({ check }) => check))].join(', ')}`;
  return [
    `faults: ${recoveries.length} (${listOf(faults)})`,
    `operations: ${[...tally.values()].reduce((sum, count) => sum + count, 0)} (${listOf(tally)})`,
    `first write after the end of a fault: ${spreadOf(recoveries.map(({ sinceEndMs }) => sinceEndMs))}`,
    `first write after the kill of a leader: ${spreadOf(ofLeader.map(({ sinceBeginMs }) => sinceBeginMs))}`,
    `the run is ${isInterrupted ? 'interrupted, nothing was judged' : verdict}`,
  ];
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

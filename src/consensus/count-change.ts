import type { Metrics } from '../metrics/metrics.js';
import type { StatusChange } from '../raft/index.js';

/** Counts elections and leaders from one moment of a node to the next. */
export function countChange(metrics: Metrics, before: StatusChange | null, after: StatusChange): void {
  if (hasBecome('candidate', before, after)) {
    metrics.elections.inc();
  }
  if (hasBecome('leader', before, after)) {
    metrics.electionsWon.inc({ reason: after.reason === 'leaderAsked' ? 'hand_over' : 'leader_missed' });
  }
  if (after.leaderId !== null && (before?.leaderId !== after.leaderId || before.term !== after.term)) {
    metrics.leaderChanges.inc();
  }
}

/** Each term has an election of its own. */
function hasBecome(role: StatusChange['role'], before: StatusChange | null, after: StatusChange): boolean {
  return after.role === role && (before?.role !== role || before.term !== after.term);
}

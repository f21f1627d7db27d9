import type { Configuration, MemberProgress } from '../raft/index.js';

/** Voters that are healthy beyond those that a quorum needs; null where no leader was asked. */
export function failuresTolerated(
  configuration: Configuration,
  progress: readonly MemberProgress[] | null,
): number | null {
  if (progress === null) {
    return null;
  }
  const healthy = progress.filter((member) => member.healthy && configuration.isVoter(member.id)).length;
  return Math.max(0, healthy - configuration.quorumSize);
}

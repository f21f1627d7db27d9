import { unknownInstance } from '../consensus/raft-status.js';
import type { MemberProgress, RaftStatus } from '../consensus/raft-status.js';

/** When a silent member counts as dead, and what stays whatever happens. */
export interface DeadMemberLimits {
  /** Milliseconds for which the leader has not heard it; 0: never. */
  readonly afterMs: number;
  /** Milliseconds after which a member that was heard counts as silent. */
  readonly silentMs: number;
  /** Voters that stay at least. */
  readonly votersMin: number;
}

type Member = RaftStatus['configuration']['members'][number];

/** One look of the leader at its members. */
export interface Look {
  readonly nowMs: number;
  readonly status: Pick<RaftStatus, 'nodeId' | 'leaderId' | 'term' | 'configuration'>;
  readonly progress: readonly MemberProgress[] | null;
}

/**
 * Keeps count of the time for which this leader has not heard its members. A new leader begins anew, so that nobody is
 * removed over the word of another.
 */
export class DeadMembers {
  private term = 0;
  /** By instance: who comes back with another disk is somebody else. */
  private silentSinceMs = new Map<string, number>();

  constructor(private readonly limits: DeadMemberLimits) {}

  /**
   * The member to remove now, null where there is none: the one that has been silent for longest, a voter only where
   * enough of them stay. A place that is kept for a node that has not come yet is left alone.
   */
  next({ nowMs, status, progress }: Look): Member | null {
    const { nodeId, leaderId, term, configuration } = status;
    if (leaderId !== nodeId || progress === null || term !== this.term) {
      this.term = term;
      this.silentSinceMs.clear();
    }
    if (leaderId !== nodeId || progress === null) {
      return null;
    }
    const heard = new Set(progress.filter((member) => this.isHeard(member)).map(({ id }) => id));
    const silent = configuration.members.filter(
      ({ id, instanceId }) => id !== nodeId && instanceId !== unknownInstance && !heard.has(id),
    );
    this.silentSinceMs = new Map(
      silent.map(({ instanceId }) => [instanceId, this.silentSinceMs.get(instanceId) ?? nowMs]),
    );
    const { afterMs, votersMin } = this.limits;
    const sinceMs = (instanceId: string): number => this.silentSinceMs.get(instanceId) ?? nowMs;
    const dead = silent
      .filter(({ instanceId }) => nowMs - sinceMs(instanceId) >= afterMs)
      .filter(({ role }) => role === 'learner' || configuration.voterIds.length > votersMin)
      .sort((left, right) => sinceMs(left.instanceId) - sinceMs(right.instanceId));
    return dead[0] ?? null;
  }

  private isHeard({ lastContactMs }: MemberProgress): boolean {
    return lastContactMs !== null && lastContactMs < this.limits.silentMs;
  }
}

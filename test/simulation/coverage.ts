/** What a run must have met at least sometimes, or it shows little. */
export const situations = [
  'election',
  'leaderCrash',
  'crash',
  'clusterCrash',
  'crashInsideStep',
  'crashLosesWrite',
  'crashKeepsWriteInFlight',
  'diskError',
  'gracefulStop',
  'restart',
  'restartFromSnapshotAndTail',
  'followerTruncates',
  'olderTermCommit',
  'snapshotTaken',
  'snapshotInstalled',
  'installReplacesLog',
  'installInterrupted',
  'membershipCommitted',
  'learnerPromoted',
  'leaderRemoved',
  'memberReplaced',
  'configurationTruncated',
  'readsLoseLeader',
  'idempotentRepeat',
  'idempotencyExpired',
  'preVoteRefused',
  'voteRefused',
  'checkQuorumStepDown',
  'leadershipTransferred',
  'messageFromOldTerm',
  'messageLost',
  'messageDoubled',
  'partition',
  'pause',
  'diskStall',
  'proposalForwarded',
  'outcomeUnknown',
  'definiteFailure',
  'overloaded',
  'conditionFailed',
  'readConsistent',
  'readDefault',
  'readStale',
  'writeAcknowledged',
] as const;

export type Situation = (typeof situations)[number];

/** Counts situations over one run or many. */
export class Coverage {
  private readonly counts = new Map<Situation, number>(situations.map((situation) => [situation, 0]));

  /** @param counted - What other runs counted, as {@link toJson} gave it. */
  static fromJson(counted: Readonly<Record<string, number>>): Coverage {
    const coverage = new Coverage();
    for (const situation of situations) {
      coverage.add(situation, counted[situation] ?? 0);
    }
    return coverage;
  }

  add(situation: Situation, times = 1): void {
    this.counts.set(situation, this.count(situation) + times);
  }

  count(situation: Situation): number {
    return this.counts.get(situation) ?? 0;
  }

  merge(other: Coverage): void {
    for (const situation of situations) {
      this.add(situation, other.count(situation));
    }
  }

  /** Situations that never came up. */
  get missing(): Situation[] {
    return situations.filter((situation) => this.count(situation) === 0);
  }

  toJson(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}

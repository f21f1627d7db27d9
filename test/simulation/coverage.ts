/** What runs must have met, or they show little. */
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
  'memberMoved',
  'addressUnknown',
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
  'messageHeld',
  'messageCorrupted',
  'partition',
  'pause',
  'wallClockJump',
  'foreignRefused',
  'damageFound',
  'storageFull',
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

/** How often in a million events; once where nothing is said. */
const perMillionMin: Partial<Record<Situation, number>> = {
  election: 200,
  leaderCrash: 100,
  crashLosesWrite: 100,
  followerTruncates: 100,
  olderTermCommit: 50,
  snapshotTaken: 100,
  snapshotInstalled: 100,
  installInterrupted: 10,
  membershipCommitted: 50,
  leaderRemoved: 5,
  readsLoseLeader: 20,
  idempotentRepeat: 50,
  idempotencyExpired: 5,
  preVoteRefused: 50,
  checkQuorumStepDown: 20,
  messageFromOldTerm: 50,
  diskError: 50,
  restartFromSnapshotAndTail: 100,
};

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

  /** Situations that came up less often than `events` events must bring them (I28), each at least once. */
  missing(events: number): Situation[] {
    return situations.filter((situation) => {
      const wanted = Math.floor(((perMillionMin[situation] ?? 0) * events) / 1_000_000);
      return this.count(situation) < Math.max(1, wanted);
    });
  }

  toJson(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}

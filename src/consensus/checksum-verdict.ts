import type { Configuration, DivergedMember, InstanceId, NodeId } from '../raft/index.js';

/** What a member answered; `checksum` null: it could not tell. */
export interface ChecksumAnswer {
  readonly instanceId: InstanceId;
  readonly checksum: string | null;
}

export interface ChecksumVerdict {
  /** What a majority of the voters has; null: no majority agrees, or too few answered. */
  readonly majorityChecksum: string | null;
  /** Those that have something else or, where no majority agrees, all that answered, if they are unequal. */
  readonly odd: readonly DivergedMember[];
  /** Every member answered, learners too, and all have the same. */
  readonly isUnanimous: boolean;
}

/**
 * Judges the checksums of one index. Only answers of members on the data that were admitted count.
 *
 * A majority is one of all voters, not of those that answered: silence is no vote for anybody.
 */
export function judgeChecksums(
  configuration: Configuration,
  answers: ReadonlyMap<NodeId, ChecksumAnswer>,
): ChecksumVerdict {
  const counted = countedAnswers(configuration, answers);
  const majorityChecksum = majorityOf(configuration, counted);
  const isUnequal = new Set(counted.map(({ checksum }) => checksum)).size > 1;
  return {
    majorityChecksum,
    odd: isUnequal ? counted.filter(({ checksum }) => checksum !== majorityChecksum) : [],
    isUnanimous: !isUnequal && counted.length === configuration.members.length,
  };
}

function countedAnswers(
  configuration: Configuration,
  answers: ReadonlyMap<NodeId, ChecksumAnswer>,
): readonly DivergedMember[] {
  return configuration.members.flatMap(({ id, instanceId }) => {
    const answer = answers.get(id);
    const isCounted = answer?.instanceId === instanceId && answer.checksum !== null;
    return isCounted ? [{ id, instanceId, checksum: answer.checksum }] : [];
  });
}

function majorityOf(configuration: Configuration, counted: readonly DivergedMember[]): string | null {
  const votes = new Map<string, number>();
  for (const { id, checksum } of counted) {
    if (configuration.isVoter(id)) {
      votes.set(checksum, (votes.get(checksum) ?? 0) + 1);
    }
  }
  return [...votes].find(([, count]) => count >= configuration.quorumSize)?.[0] ?? null;
}

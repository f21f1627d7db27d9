import type { ComparisonFindings, Divergence, LogIndex, NodeId, RaftCore } from '../raft/index.js';
import type { ChecksumAnswer } from './checksum-verdict.js';
import type { LoopEffects } from './loop-effects.js';

/** A divergence as it was found. */
type Found = Omit<Divergence, 'ageMs'>;

interface Alarm {
  readonly found: Found;
  /** On the clock of this core; below 0 where it is older than the process. */
  readonly sinceTick: number;
}

/** What is known of the states of the members, on whoever leads and on those that it told. */
export class DivergenceAlarms {
  /** Highest index at which all members of that time were found equal; 0: none yet. */
  comparedIndex: LogIndex = 0;
  private alarms: readonly Alarm[] = [];

  constructor(
    private readonly core: { readonly state: Pick<RaftCore['state'], 'now' | 'config' | 'configuration'> },
    private readonly effects: Pick<LoopEffects, 'raiseAlarm' | 'endAlarm'>,
  ) {}

  /** As of now, without members that were removed or replaced. */
  get findings(): ComparisonFindings {
    const divergences = this.alarms.map((alarm) => this.shown(alarm)).filter(({ members }) => members.length > 0);
    return { comparedIndex: this.comparedIndex, divergences };
  }

  /**
   * States were found unequal. What was known of these members before is replaced; an alarm for the same ones goes on.
   *
   * @returns The divergence with its age.
   */
  raise(divergence: Divergence): Divergence {
    const before = this.alarms.find((alarm) => namesSame(alarm.found, divergence));
    const alarm = { found: divergence, sinceTick: before?.sinceTick ?? this.tickOf(divergence.ageMs) };
    const ids = divergence.members.map(({ id }) => id);
    const others = this.alarms.map(({ found, sinceTick }) => ({ found: without(found, ids), sinceTick }));
    this.alarms = [...others.filter(({ found }) => found.members.length > 0), alarm];
    if (before === undefined) {
      this.effects.raiseAlarm(divergence);
    }
    return this.shown(alarm);
  }

  /** Ends alarms whose members are all gone, or all have what a majority has in a later comparison. */
  settle(answers: ReadonlyMap<NodeId, ChecksumAnswer>, majorityChecksum: string | null): void {
    const isOver = (alarm: Alarm): boolean => {
      const { members } = this.shown(alarm);
      return members.every(({ id, instanceId }) => {
        const answer = answers.get(id);
        return majorityChecksum !== null && answer?.instanceId === instanceId && answer.checksum === majorityChecksum;
      });
    };
    this.end(this.alarms.filter(isOver));
  }

  /** Takes over what the leader knows. */
  adopt({ comparedIndex, divergences }: ComparisonFindings): void {
    this.comparedIndex = Math.max(this.comparedIndex, comparedIndex);
    this.end(this.alarms.filter(({ found }) => !divergences.some((divergence) => namesSame(found, divergence))));
    divergences.forEach((divergence) => this.raise(divergence));
  }

  private end(over: readonly Alarm[]): void {
    this.alarms = this.alarms.filter((alarm) => !over.includes(alarm));
    for (const { found } of over) {
      this.effects.endAlarm(found.members.map(({ id }) => id));
    }
  }

  private shown({ found, sinceTick }: Alarm): Divergence {
    const { now, config, configuration } = this.core.state;
    const members = found.members.filter(({ id, instanceId }) => configuration.knows(id, instanceId));
    return { ...found, members, ageMs: (now - sinceTick) * config.tickMs };
  }

  private tickOf(ageMs: number): number {
    const { now, config } = this.core.state;
    return now - Math.round(ageMs / config.tickMs);
  }
}

function without(found: Found, ids: readonly NodeId[]): Found {
  return { ...found, members: found.members.filter(({ id }) => !ids.includes(id)) };
}

function namesSame(left: Found, right: Found): boolean {
  const names = ({ members }: Found): string =>
    members
      .map(({ id, instanceId }) => `${id} ${instanceId}`)
      .sort()
      .join();
  return names(left) === names(right) && (left.majorityChecksum === null) === (right.majorityChecksum === null);
}

import { holds } from './checkers/violation.js';
import type { Administrator } from './administrator.js';
import type { Client } from './client.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimWorld } from './sim-world.js';
import { electionTimeoutMs } from './sim-world.js';

/** Election timeouts within which a healed cluster works again, with every change of its members finished. */
const recoveryTimeoutsMax = 60;

/** Chunks of a snapshot that a healed cluster sends in an election timeout at the least: none waits for a heartbeat. */
const chunksPerTimeout = 8;

/** Writes and reads that a healed cluster must serve. */
const probeCount = 10;

/** Election timeouts in which a healthy cluster must not hold an election. */
const quietTimeouts = 20;

/** The end of a run, without faults: I21, I26, I27. */
export class RecoveryPhase {
  private readonly timeoutMs: number;

  constructor(
    private readonly world: SimWorld,
    private readonly parts: {
      readonly cluster: SimCluster;
      readonly administrator: Administrator;
      readonly prober: Client;
    },
  ) {
    this.timeoutMs = electionTimeoutMs(world.parameters);
  }

  run(): void {
    const { cluster, administrator } = this.parts;
    this.runUntil('the members are settled and equal', recoveryTimeoutsMax, () => {
      this.stopOutsiders();
      return administrator.isIdle && this.isSettled();
    });
    for (let probe = 0; probe < probeCount; probe += 1) {
      this.probe();
    }
    this.runUntil('the members are equal again', recoveryTimeoutsMax, () => this.isSettled());
    this.checkStates();
    const term = cluster.leaders[0]?.state.currentTerm;
    this.runFor(quietTimeouts * this.timeoutMs);
    const isSame = cluster.leaders.length === 1 && cluster.leaders[0]?.state.currentTerm === term;
    holds(isSame || this.mayElect, 'I27', () => `an election without a reason after term ${term ?? 0}`);
    this.checkStates();
  }

  /**
   * Whether elections belong to these parameters. A heartbeat may come a tick late, and a follower may count a tick more
   * than passed: with a shorter timeout than that allows, pre-vote alone keeps a healthy cluster from elections.
   */
  private get mayElect(): boolean {
    const { checkQuorum, preVote, electionTimeoutTicks, heartbeatIntervalTicks } = this.world.parameters.timing;
    return !checkQuorum || (!preVote && electionTimeoutTicks < heartbeatIntervalTicks + 3);
  }

  /** Without check-quorum, and so without refusals while a leader is heard, a removed node unseats leader after leader. */
  private stopOutsiders(): void {
    if (this.world.parameters.timing.checkQuorum) {
      return;
    }
    const { cluster } = this.parts;
    for (const host of cluster.hosts.filter((each) => cluster.members.member(each.id) === undefined)) {
      cluster.stop(host);
    }
  }

  private isSettled(): boolean {
    const { cluster } = this.parts;
    const { committed } = this.world.watch;
    const members = cluster.runningMembers;
    const [leader, ...others] = cluster.leaders;
    if (leader === undefined || others.length > 0 || members.length < cluster.members.members.length) {
      return false;
    }
    const hasPending = cluster.members.members.some((member) => member.role === 'learner' && member.promote);
    return (
      !hasPending &&
      members.every(({ state }) => {
        const isSame = state.leaderId === leader.nodeId && state.log.lastIndex === committed.lastIndex;
        return isSame && state.commitIndex === committed.lastIndex && state.lastApplied === committed.lastIndex;
      })
    );
  }

  private probe(): void {
    const answers: boolean[] = [];
    this.parts.prober.probe((isServed) => {
      answers.push(isServed);
    });
    this.runUntil('a write and a read are answered', recoveryTimeoutsMax, () => answers.length > 0);
    holds(answers[0] === true, 'I26', () => 'a healed cluster refuses a write or a read');
  }

  /** I18, I21: every member holds everything, and so everything that was acknowledged. */
  private checkStates(): void {
    const { watch } = this.world;
    const index = watch.committed.lastIndex;
    for (const { nodeId, appliedIndex, stateMachine } of this.parts.cluster.runningMembers) {
      holds(appliedIndex === index, 'I21', () => `${nodeId} has applied ${appliedIndex} of ${index}`);
      const expected = watch.reference.checksumAt(index);
      holds(stateMachine.checksum() === expected, 'I18', () => `${nodeId} ends in another state`);
    }
    holds(watch.clients.floor.index <= index, 'I21', () => 'something acknowledged is lost');
  }

  private runUntil(what: string, timeouts: number, isMet: () => boolean): void {
    const { timeline } = this.world;
    let endMs = timeline.nowMs + timeouts * this.timeoutMs;
    const chunks = this.chunksUnderWay();
    while (!isMet()) {
      holds(
        timeline.nowMs < endMs,
        'I26',
        () => `not within ${timeouts} election timeouts: ${what}; ${this.picture()}`,
      );
      this.runFor(this.timeoutMs / 2);
      // A state may have a thousand chunks: each has a little time of its own, once.
      for (const [transfer, confirmed] of this.chunksUnderWay()) {
        const before = chunks.get(transfer) ?? 0;
        endMs += Math.max(0, confirmed - before) * (this.timeoutMs / chunksPerTimeout);
        chunks.set(transfer, Math.max(before, confirmed));
      }
    }
  }

  /** How many chunks the receiver of each snapshot has confirmed. */
  private chunksUnderWay(): Map<string, number> {
    const chunks = new Map<string, number>();
    for (const { state } of this.parts.cluster.leaders) {
      for (const [id, { snapshot }] of state.progress) {
        if (snapshot !== null) {
          chunks.set(`${id} ${snapshot.metadata.lastIncludedIndex}`, snapshot.nextChunk);
        }
      }
    }
    return chunks;
  }

  private runFor(durationMs: number): void {
    const { timeline } = this.world;
    const endMs = timeline.nowMs + durationMs;
    while (timeline.nowMs < endMs) {
      holds(timeline.runNext(), 'I26', () => 'nothing is left to happen');
    }
  }

  /** Who is where, for whoever reads about a failure. */
  private picture(): string {
    const { cluster } = this.parts;
    const lines = cluster.running.map(({ nodeId, disk, state }) => {
      const { role, currentTerm, leaderId, commitIndex, lastApplied, log, configuration } = state;
      const members = configuration.members.map((member) => `${member.id}:${member.role}`).join(',');
      return (
        `${nodeId} (${disk.instanceId}) ${role} term=${currentTerm} leader=${leaderId ?? '-'} ` +
        `log=${log.firstIndex}..${log.lastIndex} commit=${commitIndex} applied=${lastApplied} [${members}]`
      );
    });
    return ['', `committed ${this.world.watch.committed.lastIndex}`, ...lines].join('\n  ');
  }
}

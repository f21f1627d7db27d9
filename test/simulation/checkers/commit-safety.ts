import type { LogIndex, Term } from '../../../src/raft/index.js';
import type { Step, Witness } from './step.js';
import { staysLeader } from './step.js';
import { holds } from './violation.js';

/** I5, I9, I12, I15, I17: what is committed, and on whose word. */
export class CommitSafety {
  constructor(private readonly witness: Witness) {}

  check(step: Step): void {
    const { state, before } = step;
    if (state.commitIndex > before.commitIndex) {
      if (state.role === 'leader') {
        this.checkLeader(step);
      }
      this.noteCommitted(step);
    }
    this.checkHandedOut(step);
  }

  /** A leader commits an entry of its own term that a quorum of the members in force would still hold after a crash. */
  private checkLeader(step: Step): void {
    const { nodeId, state, mirror } = step;
    const index = state.commitIndex;
    const term = mirror.termAt(index) ?? 0;
    holds(term === state.currentTerm, 'I9', () => `${nodeId} commits ${index}:${term} in term ${state.currentTerm}`);
    const copies = this.durableCopies(step, index, term);
    const { quorumSize } = mirror.configuration;
    holds(
      copies >= quorumSize,
      'I9',
      () => `${nodeId} commits ${index} with ${copies} durable copies of ${quorumSize}`,
    );
    const first = mirror.termAt(step.before.commitIndex + 1) ?? term;
    if (staysLeader(step) && first < term) {
      this.witness.coverage.add('olderTermCommit');
    }
  }

  private durableCopies({ mirror }: Step, index: LogIndex, term: Term): number {
    const voters = mirror.configuration.members.filter((member) => member.role === 'voter');
    return voters.filter((voter) => this.witness.diskOf(voter.instanceId)?.holds(index, term) === true).length;
  }

  private noteCommitted({ state, before, mirror, nodeId }: Step): void {
    const { committed } = this.witness;
    for (let index = Math.max(before.commitIndex, mirror.baseIndex) + 1; index <= state.commitIndex; index += 1) {
      const entry = state.log.entry(index);
      const hash = mirror.hashAt(index);
      holds(entry !== undefined && hash !== undefined, 'I8', () => `${nodeId} commits ${index}, which it lacks`);
      committed.note(entry, hash, state.currentTerm);
    }
    const agrees = committed.hashAt(state.commitIndex) === (mirror.hashAt(state.commitIndex) ?? null);
    holds(agrees, 'I12', () => `${nodeId} commits another log up to ${state.commitIndex}`);
  }

  private checkHandedOut({ ready, mirror, nodeId }: Step): void {
    for (const { index } of ready.committed) {
      const agrees = mirror.hashAt(index) === this.witness.committed.hashAt(index);
      holds(agrees, 'I5', () => `${nodeId} applies another entry at ${index}`);
    }
  }
}

import type { NodeId, Term } from '../../../src/raft/index.js';
import type { Step, Witness } from './step.js';
import { becameLeader } from './step.js';
import { holds } from './violation.js';

/** I1, I4, I10, I15: who becomes leader. */
export class ElectionSafety {
  private readonly leaders = new Map<Term, NodeId>();

  constructor(private readonly witness: Witness) {}

  check(step: Step): void {
    const { nodeId, state, before } = step;
    if (becameLeader(step)) {
      this.witness.coverage.add('election');
      this.checkLeader(step);
    } else if (before.role === 'leader' && state.role !== 'leader') {
      this.noteLoss(step);
    }
    const known = this.leaders.get(state.currentTerm);
    holds(state.role !== 'leader' || known === nodeId, 'I1', () => `${nodeId} leads a term of ${known ?? 'nobody'}`);
  }

  /** A voter leads, or one that an uncommitted change leaves out. */
  private checkLeader({ nodeId, instanceId, disk, state, mirror }: Step): void {
    const term = state.currentTerm;
    const other = this.leaders.get(term);
    holds(other === undefined, 'I1', () => `${other ?? ''} and ${nodeId} lead term ${term}`);
    this.leaders.set(term, nodeId);
    const isElectable = [mirror.configuration, mirror.configurationAsOf(state.commitIndex)].some(
      (members) => members.isVoter(nodeId) && members.knows(nodeId, instanceId),
    );
    holds(isElectable, 'I15', () => `${nodeId} leads term ${term} and is no voter`);
    const ownVote = disk.hardState?.votedFor === nodeId && disk.term === term;
    holds(ownVote, 'I10', () => `${nodeId} leads term ${term} before its own vote is durable`);
    const { committed } = this.witness;
    const index = committed.lastCommittedBefore(term);
    const hash = mirror.hashAt(index);
    const isKept = index < mirror.baseIndex || hash === committed.hashAt(index);
    holds(isKept, 'I4', () => `${nodeId} leads term ${term} without the committed entry ${index}`);
  }

  private noteLoss({ state, before, mirror, nodeId }: Step): void {
    if (!mirror.configuration.isVoter(nodeId)) {
      this.witness.coverage.add('leaderRemoved');
    } else if (state.currentTerm === before.currentTerm) {
      this.witness.coverage.add('checkQuorumStepDown');
    }
  }
}

import type { CompareState, CompareStateResponse, ComparisonFindings, Divergence, StateDiverged } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import type { ComparisonQuestion } from '../ready.js';
import type { LogIndex, NodeId } from '../types.js';

/** A leader's question. */
interface Comparison {
  readonly round: number;
  readonly index: LogIndex;
  readonly findings: ComparisonFindings;
}

/** Asks every other member for its checksum; the answers are in later Readies, or never come. */
export function compareState(state: RaftState, comparison: Comparison): void {
  for (const to of receivers(state)) {
    state.send({ type: 'compareState', to, ...comparison });
  }
}

/** Tells every other member that states are unequal. */
export function announceDivergence(state: RaftState, round: number, divergence: Divergence): void {
  for (const to of receivers(state)) {
    state.send({ type: 'stateDiverged', to, round, divergence });
  }
}

/** Answers the leader that asked; one that leads no longer would not count it. */
export function answerComparison(state: RaftState, question: ComparisonQuestion, checksum: string | null): void {
  const { term, leaderId, round, index } = question;
  if (term === state.currentTerm && leaderId === state.leaderId) {
    state.send({ type: 'compareStateResponse', to: leaderId, round, index, checksum });
  }
}

/** The leader of this term asks; anybody else is not heard. */
export function handleCompareState(state: RaftState, message: CompareState): void {
  const { from: leaderId, term, round, index, findings } = message;
  if (leaderId === state.leaderId) {
    state.comparisonSteps.push({ kind: 'asked', question: { term, leaderId, round, index }, findings });
  }
}

/** A follower answers in this leader's term; it counts on the data directory that was admitted alone. */
export function handleCompareStateResponse(state: RaftState, message: CompareStateResponse): void {
  const { from, fromInstance: instanceId, round, index, checksum } = message;
  if (state.configuration.knows(from, instanceId)) {
    state.comparisonSteps.push({ kind: 'answered', from, instanceId, round, index, checksum });
  }
}

/** The leader of this term found states unequal; anybody else is not heard. */
export function handleStateDiverged(state: RaftState, { from, term, round, divergence }: StateDiverged): void {
  if (from === state.leaderId) {
    state.comparisonSteps.push({ kind: 'diverged', term, round, divergence });
  }
}

function receivers(state: RaftState): readonly NodeId[] {
  return state.isLeader ? state.otherMembers : [];
}

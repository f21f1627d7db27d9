import { assert } from '../lib/assert.js';
import type { RaftState } from './raft-state.js';

/**
 * What always holds after an input; cheap, and so always checked.
 *
 * A failure means that this node's state can no longer be trusted: the process stops before it sends or stores it.
 */
export function checkInvariants(state: RaftState): void {
  const { log } = state;
  assert(log.snapshotIndex <= state.lastApplied, 'a snapshot holds applied entries only');
  assert(state.lastApplied <= state.applyingIndex, 'entries are handed out before they are applied');
  assert(state.applyingIndex <= state.commitIndex, 'only committed entries are applied');
  assert(state.commitIndex <= log.lastIndex, 'committed entries are in the log');
  assert(log.firstIndex - 1 <= log.snapshotIndex, 'only entries below a snapshot are forgotten');
  assert(log.lastTerm <= state.currentTerm, 'no entry is of a term to come');
  assert(log.writes.durableIndex <= log.lastIndex, 'what is durable is in the log');
  assert(state.handedHardState.currentTerm <= state.currentTerm, 'the stored term does not run ahead');
  checkRole(state);
}

function checkRole(state: RaftState): void {
  switch (state.role) {
    case 'leader':
      checkLeader(state);
      return;
    case 'candidate':
      assert(state.votedFor === state.config.nodeId, 'a candidate votes for itself');
      assert(state.leaderId === null, 'a candidate knows no leader');
      return;
    case 'preCandidate':
      assert(state.leaderId === null, 'a candidate knows no leader');
      return;
    case 'follower':
      assert(state.leaderId !== state.config.nodeId, 'a follower follows somebody else');
  }
}

function checkLeader(state: RaftState): void {
  assert(state.leaderId === state.config.nodeId, 'a leader knows that it leads');
  assert(state.receiving?.isInstalling !== true, 'a leader receives no snapshot');
  for (const [id, progress] of state.progress) {
    assert(progress.nextIndex > progress.matchIndex, `nextIndex of ${id} follows its matchIndex`);
    assert(progress.matchIndex <= state.log.lastIndex, `${id} stores no more than its leader`);
  }
}

/** What must not go back from one input to the next. */
export interface Watermarks {
  readonly currentTerm: number;
  readonly votedFor: string | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
}

export function watermarks(state: RaftState): Watermarks {
  const { currentTerm, votedFor, commitIndex, lastApplied } = state;
  return { currentTerm, votedFor, commitIndex, lastApplied };
}

/** Compares two moments of one process. */
export function checkTransition(before: Watermarks, after: Watermarks): void {
  assert(after.currentTerm >= before.currentTerm, 'the term never goes back');
  assert(after.commitIndex >= before.commitIndex, 'the commit index never goes back');
  assert(after.lastApplied >= before.lastApplied, 'applied entries stay applied');
  const isSameTerm = after.currentTerm === before.currentTerm;
  assert(!isSameTerm || before.votedFor === null || before.votedFor === after.votedFor, 'one vote a term');
}

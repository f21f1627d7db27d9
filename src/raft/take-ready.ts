import type { RaftState } from './raft-state.js';
import type { CoreWrite, Ready, StatusChange } from './ready.js';
import { forwardReads } from './read/serve-reads.js';
import { replicateToAll } from './replication/replicate.js';
import { startReadRound, stepDownIfRemoved } from './roles/leader.js';
import type { Entry, HardState } from './types.js';

/** Empties the outbox: everything that has to be done for the inputs since the last Ready. */
export function takeReady(state: RaftState, lastChange: StatusChange | null): Ready {
  if (state.isLeader) {
    replicateToAll(state);
    startReadRound(state);
    stepDownIfRemoved(state);
  }
  forwardReads(state);
  const write = takeWrite(state);
  const {
    messages,
    proposalOutcomes: proposals,
    readOutcomes: reads,
    progressOutcomes: progress,
    snapshotTasks,
    comparisonSteps: comparison,
  } = state;
  state.messages = [];
  state.proposalOutcomes = [];
  state.readOutcomes = [];
  state.progressOutcomes = [];
  state.snapshotTasks = [];
  state.comparisonSteps = [];
  const committed = takeCommitted(state);
  return {
    write,
    messages,
    committed,
    proposals,
    reads,
    progress,
    snapshotTasks,
    comparison,
    change: changeSince(state, lastChange),
  };
}

function takeWrite(state: RaftState): CoreWrite | null {
  const { reset, entries } = state.log.takeUnwritten();
  const hardState = takeHardState(state, entries.length > 0 || reset !== null);
  const messagesAfter = state.messagesAfterWrite;
  state.messagesAfterWrite = [];
  if (reset === null && entries.length === 0 && hardState === null && messagesAfter.length === 0) {
    return null;
  }
  const sequence = state.log.writes.begin(state.log.lastIndex, state.now);
  if (state.role === 'candidate' && state.votes.size === 0 && state.ownVoteWrite === null) {
    state.ownVoteWrite = sequence;
  }
  return { sequence, reset, entries, hardState, messagesAfter };
}

/** Term and vote must be durable at once; the commit index rides along, or follows after a while. */
function takeHardState(state: RaftState, isWriting: boolean): HardState | null {
  const handed = state.handedHardState;
  const isChanged = handed.currentTerm !== state.currentTerm || handed.votedFor !== state.votedFor;
  const isCommitNews = handed.commitIndex !== state.commitIndex;
  const isCommitDue = isCommitNews && state.now - state.commitPersistTick >= state.config.commitPersistTicks;
  if (!isChanged && !isCommitDue && !(isWriting && isCommitNews)) {
    return null;
  }
  const { currentTerm, votedFor, commitIndex } = state;
  state.handedHardState = { currentTerm, votedFor, commitIndex };
  state.commitPersistTick = state.now;
  return state.handedHardState;
}

function takeCommitted(state: RaftState): readonly Entry[] {
  const isApplying = state.applyingIndex > state.lastApplied;
  const isInstalling = state.receiving?.isInstalling === true;
  if (isApplying || isInstalling || state.commitIndex <= state.lastApplied) {
    return [];
  }
  const limits = { last: state.commitIndex, bytesMax: state.config.applyBytesMax };
  const committed = state.log.slice(state.lastApplied + 1, limits);
  state.applyingIndex = state.lastApplied + committed.length;
  return committed;
}

function changeSince(state: RaftState, last: StatusChange | null): StatusChange | null {
  const { role, roleReason: reason, currentTerm: term, leaderId, configuration } = state;
  const isSame =
    last?.role === role && last.term === term && last.leaderId === leaderId && last.configuration === configuration;
  return isSame ? null : { role, reason, term, leaderId, configuration };
}

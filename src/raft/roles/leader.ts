import { handleCompareStateResponse } from '../comparison/compare-state.js';
import { checkQuorum } from '../election/check-quorum.js';
import { continueTransfer, expireTransfer, handleHandOver } from '../election/leader-transfer.js';
import { seekRelief } from '../election/relief.js';
import { noteCatchUp, promoteLearners } from '../membership/promotion.js';
import type { AppendEntriesResponse, HeartbeatResponse, InstallSnapshotResponse, Message } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { answerLeaderReads } from '../read/serve-reads.js';
import {
  confirmedRound,
  handleAppendEntriesResponse,
  handleHeartbeatResponse,
} from '../replication/append-response.js';
import { broadcastHeartbeat, progressOf } from '../replication/replicate.js';
import { handleInstallSnapshotResponse, resendOverdueChunks } from '../replication/send-snapshot.js';
import { stepDown } from './transitions.js';

/** Time passed on the leader: keeps its followers, and looks whether it still may lead. */
export function tickLeader(state: RaftState): void {
  if (!leadsOn(state)) {
    return;
  }
  resendOverdueChunks(state);
  promoteLearners(state);
  if (state.now - state.heartbeatTick >= state.config.heartbeatIntervalTicks) {
    broadcastHeartbeat(state);
  }
}

/** Steps down where no quorum is heard, or where others store and this node does not. */
function leadsOn(state: RaftState): boolean {
  checkQuorum(state);
  if (state.isLeader) {
    expireTransfer(state);
    seekRelief(state);
  }
  return state.isLeader;
}

/** Answers of followers in the own term; they count only from members on the data directory that was admitted. */
export function stepLeader(state: RaftState, message: Message): void {
  if (message.type === 'compareStateResponse') {
    handleCompareStateResponse(state, message);
    return;
  }
  if (message.type === 'handOver') {
    handleHandOver(state, message);
    return;
  }
  if (!isAnswer(message) || !isFromMember(state, message)) {
    return;
  }
  const progress = progressOf(state, message.from);
  progress.recentlyActive = true;
  progress.lastHeardTick = state.now;
  switch (message.type) {
    case 'appendEntriesResponse':
      handleAppendEntriesResponse(state, message);
      break;
    case 'heartbeatResponse':
      handleHeartbeatResponse(state, message);
      break;
    case 'installSnapshotResponse':
      handleInstallSnapshotResponse(state, message);
  }
  noteCatchUp(state, progress);
  continueTransfer(state);
}

/**
 * Reads wait for a round of heartbeats and none is under way: starts one (§6.4).
 *
 * A leader that is the only voter is its own quorum: no answer would come that confirms the round.
 */
export function startReadRound(state: RaftState): void {
  if (state.leaderReads.isEmpty) {
    return;
  }
  if (state.leaderReads.wantsRound({ last: state.round, confirmed: confirmedRound(state) })) {
    broadcastHeartbeat(state);
  }
  answerLeaderReads(state, confirmedRound(state));
}

/** A leader that a committed configuration leaves out has done its last duty (Ongaro 2014 §4.2.2). */
export function stepDownIfRemoved(state: RaftState): void {
  if (!state.isVoter && state.log.configurationIndex <= state.commitIndex) {
    stepDown(state, 'removed');
  }
}

type Answer = AppendEntriesResponse | HeartbeatResponse | InstallSnapshotResponse;

function isAnswer(message: Message): message is Answer {
  return (
    message.type === 'appendEntriesResponse' ||
    message.type === 'heartbeatResponse' ||
    message.type === 'installSnapshotResponse'
  );
}

function isFromMember(state: RaftState, message: Message): boolean {
  return state.configuration.knows(message.from, message.fromInstance) && state.progress.has(message.from);
}

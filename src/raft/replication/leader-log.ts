import { assert } from '../../lib/assert.js';
import type { Configuration } from '../membership/configuration.js';
import { encodeConfiguration } from '../membership/configuration.js';
import { releaseEarlyReads } from '../read/serve-reads.js';
import type { RaftState } from '../raft-state.js';
import type { Entry, EntryKind, LogIndex, ProposalId } from '../types.js';
import { advanceCommitIndex } from './commit.js';
import { syncProgress } from './replicate.js';

const noData = new Uint8Array(0);

/** Appends one entry in the leader's own term and returns its index. Nothing is durable or sent yet. */
export function appendAsLeader(
  state: RaftState,
  content: { readonly kind: EntryKind; readonly data: Uint8Array; readonly proposal: ProposalId | null },
): LogIndex {
  assert(state.isLeader, 'only a leader appends');
  const timeMs = Math.max(state.lastEntryTimeMs, logTime(state));
  const { kind, data, proposal } = content;
  const entry: Entry = { index: state.log.lastIndex + 1, term: state.currentTerm, kind, timeMs, proposal, data };
  state.log.append(entry);
  state.lastEntryTimeMs = timeMs;
  return entry.index;
}

/** Opens the term: earlier entries can be committed through it, and reads served (Ongaro 2014 §6.4). */
export function appendNoop(state: RaftState): void {
  appendAsLeader(state, { kind: 'noop', data: noData, proposal: null });
}

/** Appends a configuration, which is in use from now on (Ongaro 2014 §4.1). */
export function appendConfiguration(
  state: RaftState,
  configuration: Configuration,
  proposal: ProposalId | null,
): LogIndex {
  const index = appendAsLeader(state, { kind: 'configuration', data: encodeConfiguration(configuration), proposal });
  syncProgress(state);
  return index;
}

/** Commits what a quorum stores, and lets the reads go on that waited for the first commit of the term. */
export function noteCommitted(state: RaftState): void {
  if (advanceCommitIndex(state)) {
    releaseEarlyReads(state);
  }
}

/** The time of the log: goes on from the last entry of the terms before, and only while there is a leader. */
function logTime(state: RaftState): number {
  return state.leaderClock.timeMs + (state.now - state.leaderClock.tick) * state.config.tickMs;
}

import { entryBytes } from '../../../src/raft/index.js';
import type { Entry, NodeId, Ready } from '../../../src/raft/index.js';
import type { RaftState } from '../../../src/raft/raft-state.js';
import { holds } from './violation.js';

/** Bytes that entries cost besides their commands, for each entry appended in a step. */
const overheadBytesMax = 200;

/** I24: what a node keeps, and what it hands out at a time, stays within its limits. */
export function checkBounds(state: RaftState, ready: Ready): void {
  checkLog(state, ready);
  checkBatch(state, ready.committed, { what: 'entries to apply', bytesMax: state.config.applyBytesMax });
  for (const message of ready.messages) {
    if (message.type === 'appendEntries') {
      checkBatch(state, message.entries, { what: 'entries to send', bytesMax: state.config.appendBytesMax });
    }
  }
  const { nodeId, inflightBatchesMax } = state.config;
  for (const [id, { inflights }] of state.progress) {
    const words = (): string => `${nodeId} has ${inflights.size} unanswered batches to ${id}`;
    holds(inflights.size <= inflightBatchesMax, 'I24', words);
  }
}

/** A batch stays below its limit, or is a single entry. */
function checkBatch(
  { config }: RaftState,
  entries: readonly Entry[],
  { what, bytesMax }: { readonly what: string; readonly bytesMax: number },
): void {
  if (entries.length > 1) {
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    holds(bytes <= bytesMax, 'I24', () => `${config.nodeId} hands out ${bytes} bytes of ${what}`);
  }
}

function checkLog(state: RaftState, ready: Ready): void {
  const { nodeId, logBytesMax } = state.config;
  const appended = ready.write?.entries ?? [];
  if (state.isLeader && appended.some((entry) => entry.kind === 'command')) {
    // The limit is for commands; a change of the members in the same step comes on top.
    const changes = appended.filter((entry) => entry.kind === 'configuration');
    const changeBytes = changes.reduce((sum, entry) => sum + entry.data.length, 0);
    const boundBytes = logBytesMax + changeBytes + overheadBytesMax * appended.length;
    holds(state.log.bytes <= boundBytes, 'I24', () => `the log of ${nodeId} takes ${state.log.bytes} bytes`);
  }
}

/** Changes of the members are taken in whatever waits. */
const changesWaitingMax = 10;

/** I24: callers that wait on a node stay within their limits. */
export function checkWaiting(
  nodeId: NodeId,
  waiting: { readonly proposals: number; readonly reads: number },
  limits: { readonly proposalsPendingMax: number; readonly readsPendingMax: number },
): void {
  const { proposals, reads } = waiting;
  const proposalsMax = limits.proposalsPendingMax + changesWaitingMax;
  holds(proposals <= proposalsMax, 'I24', () => `${proposals} proposals wait on ${nodeId}`);
  holds(reads <= limits.readsPendingMax, 'I24', () => `${reads} reads wait on ${nodeId}`);
}

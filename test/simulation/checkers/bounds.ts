import type { Ready } from '../../../src/raft/index.js';
import type { RaftState } from '../../../src/raft/raft-state.js';
import { holds } from './violation.js';

/** Bytes that entries cost besides their commands, for each entry appended in a step. */
const overheadBytesMax = 200;

/** I24: what a node keeps stays within its limits. */
export function checkBounds(state: RaftState, ready: Ready): void {
  const { nodeId, logBytesMax } = state.config;
  const appended = ready.write?.entries ?? [];
  if (state.isLeader && appended.some((entry) => entry.kind === 'command')) {
    const boundBytes = logBytesMax + overheadBytesMax * appended.length;
    holds(state.log.bytes <= boundBytes, 'I24', () => `the log of ${nodeId} takes ${state.log.bytes} bytes`);
  }
}

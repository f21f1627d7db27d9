import type { StateMachine } from '../ports/state-machine.port.js';
import type { RaftNode } from './raft-node.js';
import type { RaftStatus } from './raft-status.js';

type NodeStatus = Omit<RaftStatus, 'phase' | 'clusterId' | 'failure' | 'exclusion'>;

/** What a node shows of itself at this moment. */
export function nodeStatus({ core, loop }: RaftNode, stateMachine: StateMachine): NodeStatus {
  const { state } = core;
  return {
    nodeId: state.config.nodeId,
    instanceId: state.config.instanceId,
    role: state.role,
    term: state.currentTerm,
    leaderId: state.leaderId,
    commitIndex: state.commitIndex,
    appliedIndex: state.applyingIndex,
    lagEntries: state.lagEntries,
    firstLogIndex: state.log.firstIndex,
    lastLogIndex: state.log.lastIndex,
    durableIndex: state.log.writes.durableIndex,
    durableTerm: state.log.termAt(state.log.writes.durableIndex) ?? 0,
    snapshotIndex: state.log.snapshotIndex,
    logBytes: state.log.bytes,
    revision: stateMachine.revision(),
    checksum: stateMachine.checksum(),
    lastContactMs: lastContactMs(core),
    configuration: state.configuration,
    configurationIndex: state.log.configurationIndex,
    isStorageStalled: state.isStorageStalled,
    isStorageFull: state.isStorageFull,
    findings: loop.comparison.alarms.findings,
  };
}

/** How long ago the leader was heard, in milliseconds; 0 on the leader, null where none was. */
export function lastContactMs(core: RaftNode['core']): number | null {
  const { state } = core;
  if (state.isLeader) {
    return 0;
  }
  return state.leaderHeardTick === null ? null : (state.now - state.leaderHeardTick) * state.config.tickMs;
}

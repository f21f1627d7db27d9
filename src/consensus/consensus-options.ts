import type { Settings } from '../config/settings.js';
import type { CoreConfig } from '../raft/index.js';
import type { StoredIdentity } from '../ports/log-store.port.js';
import type { StateMachine } from '../ports/state-machine.port.js';
import type { LoopLimits } from './raft-loop.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes of entries that are applied in one go: a millisecond or so of work. */
const applyBytesMax = 128 * KIB;

/** Entries after which applying gives way to whatever else waits. */
const applySliceMax = 256;

/** Bytes of entries in one write to the log. */
const writeBatchBytesMax = 4 * MIB;

/** A commit index that has changed is durable after this time, even where nothing else is written. */
const commitPersistMs = 100;

/** The core's view of the settings: milliseconds become ticks. */
export function coreConfig(settings: Settings, identity: StoredIdentity, stateMachine: StateMachine): CoreConfig {
  const ticks = (milliseconds: number): number => Math.max(1, Math.round(milliseconds / settings.tickMs));
  return {
    nodeId: identity.nodeId,
    instanceId: identity.instanceId,
    bootNumber: identity.bootNumber,
    tickMs: settings.tickMs,
    electionTimeoutTicks: ticks(settings.electionTimeoutMs),
    heartbeatIntervalTicks: ticks(settings.heartbeatIntervalMs),
    preVote: true,
    checkQuorum: true,
    appendBytesMax: settings.appendBytesMax,
    inflightBatchesMax: settings.inflightBatchesMax,
    applyBytesMax,
    logBytesMax: settings.logBytesMax,
    mayUseReserve: (command) => stateMachine.mayUseReserve(command),
    promoteLagEntriesMax: settings.promoteLagEntriesMax,
    commitPersistTicks: ticks(commitPersistMs),
  };
}

export function loopLimits(settings: Settings): LoopLimits {
  return {
    proposalsPendingMax: settings.proposalsPendingMax,
    proposalsPendingBytesMax: settings.proposalsPendingBytesMax,
    readsPendingMax: settings.readsPendingMax,
    writeBatchBytesMax,
    applySliceMax,
    checksumIntervalTicks: Math.ceil(settings.checksumIntervalMs / settings.tickMs),
    snapshot: {
      entries: settings.snapshotEntries,
      bytes: settings.snapshotBytes,
      keepEntries: settings.logKeepEntries,
      logBytesMax: settings.logBytesMax,
    },
  };
}

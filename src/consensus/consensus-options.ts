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

/** A node may take its snapshots earlier than the settings say, by this part of what they say at most. */
const snapshotEarlyPart = 1 / 4;

/**
 * A larger state is written anew after as many entries as this part of its records, or of its bytes: whatever its size, a write
 * costs eight records of a snapshot at most, and a restart applies an eighth as many entries as it reads records.
 */
const snapshotStatePart = 1 / 8;

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

/**
 * @param earliness - From 0 to 1, each node another one: members apply the same entries at the same time, and those that also took
 *   their snapshots at the same time would leave no majority that is not busy with one.
 */
export function loopLimits(settings: Settings, earliness: number): LoopLimits {
  const part = 1 - snapshotEarlyPart * earliness;
  const drawn = (limit: number): number => Math.ceil(limit * part);
  return {
    proposalsPendingMax: settings.proposalsPendingMax,
    proposalsPendingBytesMax: settings.proposalsPendingBytesMax,
    readsPendingMax: settings.readsPendingMax,
    writeBatchBytesMax,
    applySliceMax,
    checksumIntervalTicks: Math.ceil(settings.checksumIntervalMs / settings.tickMs),
    snapshot: {
      entries: drawn(settings.snapshotEntries),
      bytes: drawn(settings.snapshotBytes),
      statePart: snapshotStatePart * part,
      keepEntries: settings.logKeepEntries,
      logBytesMax: settings.logBytesMax,
    },
  };
}

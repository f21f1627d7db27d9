import { assert } from '../lib/assert.js';
import type { InstanceId, NodeId } from './types.js';

/** What one core needs to know besides its log. Times are ticks of `tickMs` milliseconds. */
export interface CoreConfig {
  readonly nodeId: NodeId;
  readonly instanceId: InstanceId;
  /** Counts the starts of this node on its data, durably: numbers that must never come twice are built on it. */
  readonly bootNumber: number;
  /** Length of a tick in milliseconds: the step in which the time of the log grows. */
  readonly tickMs: number;
  /** T: an election starts when no leader was heard for a time drawn from [T, 2T). */
  readonly electionTimeoutTicks: number;
  /** Below half of T. */
  readonly heartbeatIntervalTicks: number;
  /** Ask whether an election can be won before the term is raised (Ongaro 2014 §9.6). */
  readonly preVote: boolean;
  /** A leader that hears no quorum for T steps down, and who hears a leader gives no vote (§4.2.3, §6.2). */
  readonly checkQuorum: boolean;
  /** Bytes of entries in one AppendEntries; a larger entry travels alone. */
  readonly appendBytesMax: number;
  /** Unanswered AppendEntries to one follower. */
  readonly inflightBatchesMax: number;
  /** Bytes of committed entries that are handed out for applying at a time; at least one entry. */
  readonly applyBytesMax: number;
  /** Bytes of the log in memory; above it proposals are refused. */
  readonly logBytesMax: number;
  /** Whether a command frees space: it may be appended when little storage is free. Pure. */
  readonly mayUseReserve: (command: Uint8Array) => boolean;
  /** A learner is promoted when it lags by at most this many entries. */
  readonly promoteLagEntriesMax: number;
  /** A changed commit index is written after this time even when nothing else is. */
  readonly commitPersistTicks: number;
}

/** @throws InvariantViolation when the numbers contradict each other; the settings were checked before. */
export function validateCoreConfig(config: CoreConfig): void {
  assert(config.nodeId !== '' && config.instanceId !== '', 'a node has an id and an instance id');
  assert(config.heartbeatIntervalTicks >= 1, 'a heartbeat takes at least one tick');
  assert(config.electionTimeoutTicks > 2 * config.heartbeatIntervalTicks, 'two heartbeats fit in an election timeout');
  assert(config.inflightBatchesMax >= 1 && config.appendBytesMax >= 1, 'at least one batch of one byte travels');
}

/** Names this process in the ids of its proposals, apart from every other node and start. */
export function proposalOrigin(config: Pick<CoreConfig, 'instanceId' | 'bootNumber'>): string {
  return `${config.instanceId}.${config.bootNumber}`;
}

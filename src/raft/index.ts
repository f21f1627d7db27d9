/** The front door of the core: what the shell may use. */
export * from './types.js';
export type { SnapshotMetadata } from './snapshot-metadata.js';
export * from './messages.js';
export { proposalOrigin } from './core-config.js';
export type { CoreConfig } from './core-config.js';
export type {
  ComparisonQuestion,
  ComparisonStep,
  CoreWrite,
  ProgressOutcome,
  ProposalOutcome,
  ReadOutcome,
  Ready,
  SnapshotTask,
  StatusChange,
} from './ready.js';
export { RaftCore } from './raft-core.js';
export type { DurableState } from './raft-state.js';
export { Configuration, decodeConfiguration, encodeConfiguration } from './membership/configuration.js';
export type { Member } from './membership/configuration.js';
export type { SilentMember } from './membership/remove-silent.js';
export { unknownInstance } from './membership/conf-change.js';
export type { JoinRequest, MembershipChange } from './membership/conf-change.js';
export { RaftLog } from './log/raft-log.js';
export { decodeEntries, encodeEntries, entryBytes, entryFormatVersion, writeEntriesBlock } from './log/entry-codec.js';
export { formatConfiguration, formatEntry, formatMessage, formatReady } from './format.js';

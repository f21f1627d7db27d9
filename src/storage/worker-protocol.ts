import { InvariantViolation } from '../lib/assert.js';
import type { ProofStep, SnapshotDraft } from '../ports/snapshot-store.port.js';
import { decodeConfiguration, encodeConfiguration } from '../raft/index.js';
import type { LogIndex, NodeId, SnapshotMetadata } from '../raft/index.js';
import type { BatchWrite, EntryBatch, OpenedLog } from './batch-store.js';
import { StorageError } from './storage.errors.js';
import type { StorageErrorCode } from './storage.errors.js';

/** Given to the worker when it starts. */
export interface WorkerSettings {
  readonly dataDir: string;
}

/** Metadata whose configuration is encoded: an instance of a class does not survive the passage. */
export type WireMetadata = Omit<SnapshotMetadata, 'configuration'> & { readonly configuration: Uint8Array };

/** The calls that the worker answers: what each takes and what it resolves with. */
export interface WorkerCalls {
  open: { argument: { nodeId: NodeId }; result: OpenedLog };
  write: { argument: BatchWrite; result: null };
  setClusterId: { argument: { clusterId: string; write: BatchWrite }; result: null };
  compact: { argument: { index: LogIndex }; result: null };
  latestSnapshot: { argument: null; result: WireMetadata | null };
  beginSnapshot: { argument: { draft: SnapshotDraft }; result: null };
  writeChunk: { argument: { draft: SnapshotDraft; chunk: number; data: Uint8Array }; result: null };
  commitSnapshot: { argument: { draft: SnapshotDraft; metadata: WireMetadata }; result: null };
  discardSnapshot: { argument: { draft: SnapshotDraft }; result: null };
  readChunk: { argument: { index: LogIndex; chunk: number }; result: Uint8Array | null };
  /** Steps of a proof were taken: there is room for as many. */
  proofTaken: { argument: { steps: number }; result: null };
  close: { argument: null; result: null };
}

export type WorkerCallName = keyof WorkerCalls;

/** One call on its way to the worker. `id` is used once. */
export type WorkerRequest = {
  [Name in WorkerCallName]: {
    readonly id: number;
    readonly name: Name;
    readonly argument: WorkerCalls[Name]['argument'];
  };
}[WorkerCallName];

/**
 * - `done`, `failed`: the one answer to a request.
 * - `batch`: a part of the answer to `open`, before `done`.
 * - `proof`: a step of the proof of a snapshot, answered, some at a time, by the call `proofTaken`.
 * - `warning`: for the operator.
 */
export type WorkerReply =
  | { readonly kind: 'done'; readonly id: number; readonly result: WorkerCalls[WorkerCallName]['result'] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'batch'; readonly id: number; readonly batch: EntryBatch }
  | { readonly kind: 'proof'; readonly step: ProofStep }
  | { readonly kind: 'warning'; readonly message: string };

/** An error as plain data. `code` null: a broken invariant. */
export interface WireError {
  readonly code: StorageErrorCode | null;
  readonly message: string;
  readonly stack: string;
}

/** The error as it was thrown in the worker; its stack there is the cause. */
export function fromWireError({ code, message, stack }: WireError): StorageError | InvariantViolation {
  const cause = new Error('thrown in the storage worker');
  cause.stack = stack;
  if (code !== null) {
    return new StorageError(code, message, { cause });
  }
  const violation = new InvariantViolation(message.replace(/^broken invariant: /, ''));
  violation.cause = cause;
  return violation;
}

export function toWireMetadata(metadata: SnapshotMetadata): WireMetadata {
  return { ...metadata, configuration: encodeConfiguration(metadata.configuration) };
}

export function fromWireMetadata(metadata: WireMetadata): SnapshotMetadata {
  return { ...metadata, configuration: decodeConfiguration(metadata.configuration) };
}

/** The buffer of a view where there is nothing else in it: what may move to the other thread instead of being copied. */
export function ownMemory({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

import type { StateRestore } from '../ports/state-machine.port.js';
import type { LogIndex, Message, NodeId, SilentMember, SnapshotMetadata, Term } from '../raft/index.js';

/**
 * Everything that can change consensus; the loop takes one at a time.
 *
 * - `tick`: time may have passed.
 * - `flush`: callers wait to be proposed or read for.
 * - `message`: a peer speaks.
 * - `transferLeadership`: this node is to lead no longer.
 * - `requestHandOver`: whoever leads is to lead no longer.
 * - `removeSilent`: the leader is to remove a member that it does not hear.
 * - `storage`: little storage is free, or no longer so.
 * - `persisted`: the write that was started last is durable.
 * - `applied`: a slice of entries is in the state machine.
 * - `chunkRead`, `chunkStored`, `snapshotReceived`, `snapshotRejected`, `snapshotTaken`: snapshot work ended.
 * - `snapshotFailed`: there was no space for the snapshot of the own state.
 */
export type RaftInput =
  | ({ readonly type: 'removeSilent' } & SilentMember)
  | { readonly type: 'tick' }
  | { readonly type: 'flush' }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'transferLeadership'; readonly target: NodeId | null }
  | { readonly type: 'requestHandOver'; readonly target: NodeId | null }
  | { readonly type: 'storage'; readonly isFull: boolean }
  | { readonly type: 'persisted' }
  | { readonly type: 'applied'; readonly index: LogIndex }
  | {
      readonly type: 'chunkRead';
      readonly to: NodeId;
      readonly index: LogIndex;
      readonly chunk: number;
      readonly data: Uint8Array | null;
    }
  | { readonly type: 'chunkStored'; readonly index: LogIndex; readonly term: Term; readonly chunk: number }
  | { readonly type: 'snapshotReceived'; readonly metadata: SnapshotMetadata; readonly restore: StateRestore }
  | { readonly type: 'snapshotRejected' }
  | { readonly type: 'snapshotTaken'; readonly metadata: SnapshotMetadata }
  | { readonly type: 'snapshotFailed' };

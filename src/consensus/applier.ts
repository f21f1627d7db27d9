import type { StateMachine, StateRestore } from '../ports/state-machine.port.js';
import type { Entry, LogIndex, SnapshotMetadata } from '../raft/index.js';
import { decodeConfiguration, entryBytes } from '../raft/index.js';
import type { PendingProposals } from './pending-proposals.js';
import type { PendingReads } from './pending-reads.js';

/** Somebody wants the checksum of the state at one index. */
interface Capture {
  readonly index: LogIndex;
  readonly take: (checksum: string | null) => void;
}

/** Puts committed entries into the state machine, in order, and answers who waited for them on this node. */
export class Applier {
  private appliedIndex: LogIndex;
  private bytesSinceSnapshot = 0;
  /** Of those, what the snapshot under way holds. */
  private bytesInSnapshot = 0;
  private capture: Capture | null = null;

  constructor(
    private readonly stateMachine: StateMachine,
    private readonly waiting: { readonly proposals: PendingProposals; readonly reads: PendingReads },
    restoredIndex: LogIndex,
  ) {
    this.appliedIndex = restoredIndex;
  }

  /** Highest index whose effect is in the state machine. */
  get lastApplied(): LogIndex {
    return this.appliedIndex;
  }

  /** Bytes of entries applied since the last snapshot. */
  get unsnapshottedBytes(): number {
    return this.bytesSinceSnapshot;
  }

  /** Applies entries that follow each other and the last applied one. */
  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.applyOne(entry);
    }
    this.waiting.reads.noteApplied(this.appliedIndex, this.stateMachine.revision());
  }

  /** Puts a received snapshot in force. @throws MalformedBytesError when it is none; the state stays as it is. */
  install(metadata: SnapshotMetadata, restore: StateRestore): void {
    restore.finish();
    this.appliedIndex = metadata.lastIncludedIndex;
    this.bytesSinceSnapshot = 0;
    this.maybeCapture();
    this.waiting.proposals.noteSnapshot(metadata);
    this.waiting.reads.noteApplied(this.appliedIndex, this.stateMachine.revision());
  }

  /**
   * Takes the checksum of the state when exactly `index` is applied, at once where it is; null where more is applied
   * already, or a snapshot goes past it. What was wanted before is forgotten.
   *
   * @param take - Called once, in the middle of applying.
   */
  captureAt(index: LogIndex, take: Capture['take']): void {
    this.capture = { index, take };
    this.maybeCapture();
  }

  /** A snapshot of the state is under way: counts anew. */
  noteSnapshotStarted(): void {
    this.bytesInSnapshot = this.bytesSinceSnapshot;
    this.bytesSinceSnapshot = 0;
  }

  /** Nothing came of it: what it would have held counts again. */
  noteSnapshotFailed(): void {
    this.bytesSinceSnapshot += this.bytesInSnapshot;
  }

  private applyOne(entry: Entry): void {
    const result = this.effectOf(entry);
    this.appliedIndex = entry.index;
    this.bytesSinceSnapshot += entryBytes(entry);
    this.maybeCapture();
    this.waiting.proposals.settle(entry, result);
  }

  private maybeCapture(): void {
    const { capture, appliedIndex } = this;
    if (capture === null || capture.index > appliedIndex) {
      return;
    }
    this.capture = null;
    capture.take(capture.index === appliedIndex ? this.stateMachine.checksum() : null);
  }

  private effectOf(entry: Entry): unknown {
    switch (entry.kind) {
      case 'command':
        return this.stateMachine.apply({ index: entry.index, timeMs: entry.timeMs, data: entry.data });
      case 'configuration':
        return decodeConfiguration(entry.data);
      case 'noop':
        return null;
    }
  }
}

import { MalformedBytesError } from '../lib/bytes.js';
import type { ProofStep } from '../ports/snapshot-store.port.js';
import type { StateMachine, StateRestore } from '../ports/state-machine.port.js';
import type { LogIndex, SnapshotMetadata } from '../raft/index.js';

/** What was restored so far of the snapshot at `index`. */
interface Restored {
  readonly index: LogIndex;
  readonly restore: StateRestore;
  chunkCount: number;
  isProved: boolean;
}

/**
 * Restores a snapshot from its chunks as the store proves them, so that they are read once. Nothing of it is in force
 * before all of it is proved and {@link finish} is called.
 *
 * Finds no fault: what cannot be restored this way is for the caller to read and to refuse.
 */
export class RestoreAhead {
  private restored: Restored | null = null;

  constructor(private readonly stateMachine: StateMachine) {}

  note(step: ProofStep): void {
    switch (step.kind) {
      case 'begin':
        this.restored = {
          index: step.index,
          restore: this.stateMachine.startRestore(),
          chunkCount: 0,
          isProved: false,
        };
        return;
      case 'chunk':
        this.add(step.data);
        return;
      case 'end':
        if (this.restored !== null) {
          this.restored.isProved = true;
        }
    }
  }

  /** Puts the snapshot in force. @returns False where it is not restored or cannot be; the state is unchanged then. */
  finish(metadata: SnapshotMetadata): boolean {
    const { restored } = this;
    this.restored = null;
    const isThis =
      restored?.isProved === true &&
      restored.index === metadata.lastIncludedIndex &&
      restored.chunkCount === metadata.chunkCount;
    return (
      isThis &&
      succeeds(() => {
        restored.restore.finish();
      })
    );
  }

  private add(chunk: Uint8Array): void {
    const { restored } = this;
    if (restored === null) {
      return;
    }
    restored.chunkCount += 1;
    if (
      !succeeds(() => {
        restored.restore.add(chunk);
      })
    ) {
      this.restored = null;
    }
  }
}

/** Whether the bytes were such as they should be. */
function succeeds(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      return false;
    }
    throw error;
  }
}

import { StateMachine } from '../../src/ports/state-machine.port.js';
import type { AppliedCommand, StateRestore, StateSize } from '../../src/ports/state-machine.port.js';
import { KeyValueStore } from '../../src/state-machine/index.js';
import type { IdempotencyLimits } from '../../src/state-machine/index.js';

/** The real store of one process; says what is applied, and cuts snapshots into small chunks. */
export class SimStateMachine extends StateMachine {
  readonly store: KeyValueStore;
  /** Called after each command. */
  onApplied: (command: AppliedCommand) => void = () => undefined;
  /** Index of the last command, or of the snapshot that was installed after it. */
  lastIndex = 0;

  /** @param chunkBytes - Longest chunk of a snapshot. */
  constructor(
    limits: IdempotencyLimits,
    private readonly chunkBytes: number,
  ) {
    super();
    this.store = new KeyValueStore(limits);
  }

  override apply(command: AppliedCommand): unknown {
    const result = this.store.apply(command);
    this.lastIndex = command.index;
    this.onApplied(command);
    return result;
  }

  override snapshot(): Iterable<Uint8Array> {
    return recut(this.store.snapshot(), this.chunkBytes);
  }

  override size(): StateSize {
    return this.store.size();
  }

  override startRestore(): StateRestore {
    return this.store.startRestore();
  }

  override reset(): void {
    this.store.reset();
  }

  override mayUseReserve(command: Uint8Array): boolean {
    return this.store.mayUseReserve(command);
  }

  override checksum(): string {
    return this.store.checksum();
  }

  override revision(): number {
    return this.store.revision();
  }
}

/** A snapshot may be cut anywhere: short chunks make transfers of several steps out of small states. */
function* recut(chunks: Iterable<Uint8Array>, bytesMax: number): Generator<Uint8Array, void> {
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += bytesMax) {
      yield chunk.slice(from, from + bytesMax);
    }
  }
}

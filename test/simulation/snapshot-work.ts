import { assert } from '../../src/lib/assert.js';
import { MalformedBytesError } from '../../src/lib/bytes.js';
import type { SnapshotPlan } from '../../src/consensus/loop-effects.js';
import type { RaftInput } from '../../src/consensus/raft-input.js';
import type { StateMachine, StateRestore } from '../../src/ports/state-machine.port.js';
import type { SnapshotMetadata, SnapshotTask } from '../../src/raft/index.js';
import type { SimDisk } from './sim-disk.js';
import type { StoreQueue } from './store-queue.js';

/**
 * The work around snapshots in virtual time: tasks in order, own snapshots beside them, a chunk at a time, with a
 * draft of either kind that a crash before its commit destroys.
 */
export class SnapshotWork {
  private readonly tasks: SnapshotTask[] = [];
  private isBusy = false;
  private restore: StateRestore | null = null;
  private received: Uint8Array[] = [];

  /**
   * @param whenRunning - Wraps what the process does once an operation is durable: not while it is paused.
   * @param submit - Takes the input that ends a task.
   */
  constructor(
    private readonly stores: { readonly disk: SimDisk; readonly queue: StoreQueue },
    private readonly stateMachine: StateMachine,
    private readonly process: {
      readonly whenRunning: (run: () => void) => void;
      readonly submit: (input: RaftInput) => void;
    },
  ) {}

  /** Whether a crash now would interrupt a snapshot from another node. */
  get isReceiving(): boolean {
    return this.restore !== null;
  }

  run(task: SnapshotTask): void {
    this.tasks.push(task);
    this.next();
  }

  take(plan: SnapshotPlan): void {
    this.takeNext(plan, plan.pieces[Symbol.iterator](), []);
  }

  private takeNext(plan: SnapshotPlan, source: Iterator<Uint8Array>, chunks: Uint8Array[]): void {
    const next = source.next();
    if (next.done !== true) {
      chunks.push(next.value);
      this.store(
        () => undefined,
        () => {
          this.takeNext(plan, source, chunks);
        },
      );
      return;
    }
    const byteCount = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const metadata: SnapshotMetadata = { ...plan.position, chunkCount: chunks.length, byteCount };
    this.store(
      () => {
        this.stores.disk.addSnapshot(metadata, chunks);
      },
      () => {
        this.process.submit({ type: 'snapshotTaken', metadata });
      },
    );
  }

  private next(): void {
    const task = this.isBusy ? undefined : this.tasks.shift();
    if (task === undefined) {
      return;
    }
    this.isBusy = true;
    try {
      this.start(task);
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) {
        throw error;
      }
      this.restore = null;
      this.store(
        () => undefined,
        () => {
          this.end({ type: 'snapshotRejected' });
        },
      );
    }
  }

  private start(task: SnapshotTask): void {
    switch (task.kind) {
      case 'readChunk':
        this.readChunk(task);
        return;
      case 'storeChunk':
        this.storeChunk(task);
        return;
      case 'install':
        this.install(task.metadata);
    }
  }

  private readChunk({ to, index, chunk }: Extract<SnapshotTask, { kind: 'readChunk' }>): void {
    let data: Uint8Array | null = null;
    this.store(
      () => {
        data = this.stores.disk.readChunk(index, chunk);
      },
      () => {
        this.end({ type: 'chunkRead', to, index, chunk, data });
      },
    );
  }

  private storeChunk({ metadata, chunk, data }: Extract<SnapshotTask, { kind: 'storeChunk' }>): void {
    if (chunk === 0) {
      this.restore = this.stateMachine.startRestore();
      this.received = [];
    }
    assert(this.restore !== null, 'a snapshot is received from its first chunk on');
    this.restore.add(data);
    this.received.push(data);
    const { lastIncludedIndex: index, lastIncludedTerm: term } = metadata;
    this.store(
      () => undefined,
      () => {
        this.end({ type: 'chunkStored', index, term, chunk });
      },
    );
  }

  private install(metadata: SnapshotMetadata): void {
    const { restore, received } = this;
    assert(restore !== null, 'a snapshot is installed after its chunks');
    restore.verify();
    this.store(
      () => {
        this.stores.disk.addSnapshot(metadata, received);
      },
      () => {
        this.restore = null;
        this.end({ type: 'snapshotReceived', metadata, restore });
      },
    );
  }

  private end(input: RaftInput): void {
    this.isBusy = false;
    this.process.submit(input);
    this.next();
  }

  private store(commit: () => void, done: () => void): void {
    this.stores.queue.add({
      commit,
      done: () => {
        this.process.whenRunning(done);
      },
    });
  }
}

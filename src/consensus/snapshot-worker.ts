import { setImmediate as nextTurn } from 'node:timers/promises';
import { assert } from '../lib/assert.js';
import { MalformedBytesError } from '../lib/bytes.js';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { StateMachine, StateRestore } from '../ports/state-machine.port.js';
import type { SnapshotMetadata, SnapshotTask } from '../raft/index.js';
import type { SnapshotPlan } from './loop-effects.js';
import type { RaftInput } from './raft-input.js';

/**
 * Does the slow work around snapshots between the turns of the loop, a chunk at a time; tasks are done in order, own
 * snapshots beside them.
 */
export class SnapshotWorker {
  private tail: Promise<void> = Promise.resolve();
  private restore: StateRestore | null = null;

  /**
   * @param submit - Takes the input that ends a task.
   * @param fail - Called once the store fails: the node cannot go on.
   */
  constructor(
    private readonly store: SnapshotStore,
    private readonly stateMachine: StateMachine,
    private readonly report: {
      readonly submit: (input: RaftInput) => void;
      readonly fail: (error: unknown) => void;
    },
  ) {}

  run(task: SnapshotTask): void {
    this.tail = this.tail.then(() => this.do(task)).catch(this.report.fail);
  }

  /** Writes the state as of the plan and makes it the newest snapshot. */
  take(plan: SnapshotPlan): void {
    this.write(plan).then((metadata) => {
      this.report.submit({ type: 'snapshotTaken', metadata });
    }, this.report.fail);
  }

  private async do(task: SnapshotTask): Promise<void> {
    switch (task.kind) {
      case 'readChunk': {
        const { to, index, chunk } = task;
        const data = await this.store.read(index, chunk);
        this.report.submit({ type: 'chunkRead', to, index, chunk, data });
        return;
      }
      case 'storeChunk':
        await this.orReject(() => this.storeChunk(task));
        return;
      case 'install':
        await this.orReject(() => this.install(task.metadata));
    }
  }

  private async storeChunk(task: Extract<SnapshotTask, { kind: 'storeChunk' }>): Promise<void> {
    if (task.chunk === 0) {
      this.restore = this.stateMachine.startRestore();
      await this.store.begin('received');
    }
    assert(this.restore !== null, 'a snapshot is received from its first chunk on');
    this.restore.add(task.data);
    await this.store.write('received', task.chunk, task.data);
    const { lastIncludedIndex: index, lastIncludedTerm: term } = task.metadata;
    this.report.submit({ type: 'chunkStored', index, term, chunk: task.chunk });
  }

  /** The snapshot is checked before it is made durable, and durable before it is put in force. */
  private async install(metadata: SnapshotMetadata): Promise<void> {
    const { restore } = this;
    assert(restore !== null, 'a snapshot is installed after its chunks');
    this.restore = null;
    restore.verify();
    await this.store.commit('received', metadata);
    this.report.submit({ type: 'snapshotReceived', metadata, restore });
  }

  private async orReject(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) {
        throw error;
      }
      this.restore = null;
      await this.store.discard('received');
      this.report.submit({ type: 'snapshotRejected' });
    }
  }

  private async write(plan: SnapshotPlan): Promise<SnapshotMetadata> {
    let chunkCount = 0;
    let byteCount = 0;
    await this.store.begin('local');
    for (const chunk of plan.chunks) {
      await this.store.write('local', chunkCount, chunk);
      chunkCount += 1;
      byteCount += chunk.length;
      await nextTurn();
    }
    const metadata = { ...plan.position, chunkCount, byteCount };
    await this.store.commit('local', metadata);
    return metadata;
  }
}

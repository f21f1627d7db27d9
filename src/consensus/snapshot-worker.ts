import { Logger } from '@nestjs/common';
import { assert } from '../lib/assert.js';
import { MalformedBytesError } from '../lib/bytes.js';
import type { Metrics } from '../metrics/metrics.js';
import type { FreeSpace } from '../ports/free-space.port.js';
import type { PassingError } from '../ports/outage.js';
import { isFull } from '../ports/outage.js';
import type { SnapshotDraft, SnapshotStore } from '../ports/snapshot-store.port.js';
import type { StateMachine, StateRestore } from '../ports/state-machine.port.js';
import type { SnapshotMetadata, SnapshotTask } from '../raft/index.js';
import type { SnapshotPlan } from './loop-effects.js';
import type { RaftInput } from './raft-input.js';
import { writeSnapshot } from './write-snapshot.js';

/** Chunks of a snapshot after which it is looked how much space is left. */
const chunksPerLook = 16;

/** The part of the reserve that snapshots leave to the log. */
const logPart = 1 / 4;

/**
 * Does the slow work around snapshots between the turns of the loop, a chunk at a time; tasks are done in order, own
 * snapshots beside them.
 */
export class SnapshotWorker {
  private tail: Promise<void> = Promise.resolve();
  private restore: StateRestore | null = null;
  private readonly logger = new Logger('Snapshots');

  /**
   * @param submit - Takes the input that ends a task.
   * @param fail - Called once the store fails: the node cannot go on.
   * @param room - What there is to write to, and how much of it is kept free.
   */
  constructor(
    private readonly store: SnapshotStore,
    private readonly stateMachine: StateMachine,
    private readonly report: {
      readonly submit: (input: RaftInput) => void;
      readonly fail: (error: unknown) => void;
      readonly metrics: Metrics;
    },
    private readonly room: { readonly freeSpace: FreeSpace; readonly reserveBytes: number },
  ) {}

  run(task: SnapshotTask): void {
    this.tail = this.tail.then(() => this.do(task)).catch(this.report.fail);
  }

  /** Writes the state as of the plan and makes it the newest snapshot. */
  take(plan: SnapshotPlan): void {
    const { metrics } = this.report;
    const sinceMs = performance.now();
    this.write(plan).then((metadata) => {
      if (metadata === null) {
        metrics.snapshotsFailed.inc();
      } else {
        metrics.snapshotDuration.observe((performance.now() - sinceMs) / 1000);
        metrics.snapshotBytes.set(metadata.byteCount);
      }
      this.report.submit(metadata === null ? { type: 'snapshotFailed' } : { type: 'snapshotTaken', metadata });
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
    await this.maybeRequireRoom(task.chunk);
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
      if (!(error instanceof MalformedBytesError) && !isFull(error)) {
        throw error;
      }
      this.logger.warn(`a snapshot of the leader was not taken over: ${error.message}`);
      this.restore = null;
      await this.discard('received');
      this.report.submit({ type: 'snapshotRejected' });
    }
  }

  /** @returns Null where there was no space for it: nothing of it is left. */
  private async write(plan: SnapshotPlan): Promise<SnapshotMetadata | null> {
    try {
      return await writeSnapshot(this.store, plan, (chunk) => this.maybeRequireRoom(chunk));
    } catch (error) {
      if (!isFull(error)) {
        throw error;
      }
      this.logger.warn(`no snapshot was taken, it is tried again later: ${error.message}`);
      await this.discard('local');
      return null;
    }
  }

  /** What finds no space even for that goes with the next draft. */
  private async discard(draft: SnapshotDraft): Promise<void> {
    try {
      await this.store.discard(draft);
    } catch (error) {
      if (!isFull(error)) {
        throw error;
      }
    }
  }

  /** Looks at some chunks: the log needs the rest of the reserve, without it not even deletes could be stored. */
  private async maybeRequireRoom(chunk: number): Promise<void> {
    if (chunk % chunksPerLook !== 0) {
      return;
    }
    const freeBytes = await this.room.freeSpace.bytes();
    if (freeBytes !== null && freeBytes < this.room.reserveBytes * logPart) {
      throw new NoRoomError(`${Math.floor(freeBytes / 2 ** 20)} MiB are free, which are left to the log`);
    }
  }
}

class NoRoomError extends Error implements PassingError {
  readonly isOutage = true;
  readonly isFull = true;
}

import type { Metrics } from '../metrics/metrics.js';
import type { LogStore, LogWrite } from '../ports/log-store.port.js';
import { isFull } from '../ports/outage.js';
import type { PeerTransport } from '../ports/peer-transport.port.js';
import type { Divergence, LogIndex, Message, NodeId, SnapshotTask, StatusChange } from '../raft/index.js';
import type { SnapshotPlan } from './loop-effects.js';
import { LoopEffects } from './loop-effects.js';
import type { RaftInput } from './raft-input.js';
import type { SnapshotWorker } from './snapshot-worker.js';

export interface NodeEffectsParts {
  readonly log: LogStore;
  readonly transport: PeerTransport;
  readonly snapshots: SnapshotWorker;
  readonly metrics: Metrics;
  readonly submit: (input: RaftInput) => void;
  readonly fail: (error: unknown) => void;
  readonly noteStatus: (change: StatusChange) => void;
  readonly raiseAlarm: (divergence: Divergence) => void;
  readonly endAlarm: (members: readonly NodeId[]) => void;
}

/** Effects on the real stores and the real transport: promises in, inputs out. */
export class NodeEffects extends LoopEffects {
  constructor(private readonly parts: NodeEffectsParts) {
    super();
  }

  override writeLog(write: LogWrite): void {
    const { metrics } = this.parts;
    const sinceMs = performance.now();
    this.parts.log.write(write).then(() => {
      metrics.logWrite.observe((performance.now() - sinceMs) / 1000);
      metrics.logWriteEntries.observe(write.entries.length);
      this.parts.submit({ type: 'persisted' });
    }, this.parts.fail);
  }

  override send(message: Message): void {
    this.parts.transport.send(message);
  }

  override compactLog(index: LogIndex): void {
    this.parts.log.compact(index).catch((error: unknown) => {
      // What is left goes with the next compaction.
      if (!isFull(error)) {
        this.parts.fail(error);
      }
    });
  }

  override runSnapshotTask(task: SnapshotTask): void {
    this.parts.snapshots.run(task);
  }

  override takeSnapshot(plan: SnapshotPlan): void {
    this.parts.snapshots.take(plan);
  }

  override timeApply(entries: number, work: () => void): void {
    const sinceMs = performance.now();
    work();
    const { applied, applySeconds } = this.parts.metrics;
    applied.inc(entries);
    applySeconds.inc((performance.now() - sinceMs) / 1000);
  }

  override applyMoreSoon(index: LogIndex): void {
    setImmediate(() => {
      this.parts.submit({ type: 'applied', index });
    });
  }

  override noteStatus(change: StatusChange): void {
    this.parts.noteStatus(change);
  }

  override raiseAlarm(divergence: Divergence): void {
    this.parts.raiseAlarm(divergence);
  }

  override endAlarm(members: readonly NodeId[]): void {
    this.parts.endAlarm(members);
  }
}

import { describeDivergence } from '../../src/consensus/describe-divergence.js';
import type { SnapshotPlan } from '../../src/consensus/loop-effects.js';
import { LoopEffects } from '../../src/consensus/loop-effects.js';
import type { RaftInput } from '../../src/consensus/raft-input.js';
import { assert } from '../../src/lib/assert.js';
import type { LogWrite } from '../../src/ports/log-store.port.js';
import type { Divergence, LogIndex, Message, SnapshotTask, StatusChange } from '../../src/raft/index.js';
import { checkHardState } from './checkers/durability.js';
import type { NodeWatch } from './checkers/node-watch.js';
import { Violation } from './checkers/violation.js';
import type { SimDisk } from './sim-disk.js';
import type { SimWorld } from './sim-world.js';
import type { SnapshotWork } from './snapshot-work.js';
import type { StoreQueue } from './store-queue.js';

/** What the effects need from the process that they belong to. */
export interface EffectParts {
  readonly world: SimWorld;
  readonly disk: SimDisk;
  readonly log: StoreQueue;
  readonly snapshots: SnapshotWork;
  readonly watch: () => NodeWatch;
  /** Called at the border before each effect; may end the process there by throwing. */
  readonly beforeEffect: () => void;
  /** Called when a snapshot is about to be written or installed. */
  readonly onSnapshotWork: () => void;
  readonly submitSoon: (input: RaftInput) => void;
  /** Wraps what follows a finished operation: it waits while the process is paused. */
  readonly whenRunning: (run: () => void) => void;
  readonly submit: (input: RaftInput) => void;
  readonly noteStatus: (change: StatusChange) => void;
}

/** What the loop sets in motion, in virtual time. */
export class SimEffects extends LoopEffects {
  constructor(private readonly parts: EffectParts) {
    super();
  }

  override writeLog(write: LogWrite): void {
    const { disk, log, beforeEffect, whenRunning, submit } = this.parts;
    beforeEffect();
    log.add({
      commit: () => {
        if (write.hardState !== null) {
          checkHardState(disk, write.hardState);
        }
        disk.write(write);
      },
      done: () => {
        whenRunning(() => {
          submit({ type: 'persisted' });
        });
      },
    });
  }

  override send(message: Message): void {
    const { world, beforeEffect, watch } = this.parts;
    beforeEffect();
    watch().noteSent(message);
    const { coverage } = world;
    if (message.type === 'requestVoteResponse' && !message.granted) {
      coverage.add(message.preVote ? 'preVoteRefused' : 'voteRefused');
    } else if (message.type === 'propose') {
      coverage.add('proposalForwarded');
    }
    world.network.send(message);
  }

  /** Some of the entries may stay: rows hold several. */
  override compactLog(index: LogIndex): void {
    const { world, disk, log, beforeEffect } = this.parts;
    beforeEffect();
    const kept = world.random.disk.between({ from: 0, until: 4 });
    log.add({
      commit: () => {
        disk.compact(index - kept);
      },
      done: () => undefined,
    });
  }

  override runSnapshotTask(task: SnapshotTask): void {
    this.parts.beforeEffect();
    if (task.kind === 'install') {
      this.parts.onSnapshotWork();
    }
    this.parts.snapshots.run(task);
  }

  override takeSnapshot(plan: SnapshotPlan): void {
    this.parts.beforeEffect();
    this.parts.onSnapshotWork();
    this.parts.watch().checkSnapshotTaken(plan.position);
    this.parts.snapshots.take(plan);
  }

  override applyMoreSoon(index: LogIndex): void {
    this.parts.submitSoon({ type: 'applied', index });
  }

  override noteStatus(change: StatusChange): void {
    this.parts.noteStatus(change);
  }

  /** Nothing in a run makes states unequal: whatever is found so is a wrong alarm, or a bug. */
  override raiseAlarm(divergence: Divergence): void {
    throw new Violation('I18', describeDivergence(divergence));
  }

  override endAlarm(): void {
    assert(false, 'no alarm is raised');
  }
}

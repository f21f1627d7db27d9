import type { StateMachine } from '../ports/state-machine.port.js';
import type { RaftCore } from '../raft/index.js';
import { Applier } from './applier.js';
import { LogWriter } from './log-writer.js';
import type { LoopEffects } from './loop-effects.js';
import { PendingProgress } from './pending-progress.js';
import { PendingProposals } from './pending-proposals.js';
import { PendingReads } from './pending-reads.js';
import type { RaftInput } from './raft-input.js';
import { ReadyHandler } from './ready-handler.js';
import type { SnapshotLimits } from './snapshotter.js';
import { Snapshotter } from './snapshotter.js';
import { StateComparison } from './state-comparison.js';
import type { Ticker } from './ticker.js';

export interface LoopLimits {
  readonly proposalsPendingMax: number;
  readonly proposalsPendingBytesMax: number;
  readonly readsPendingMax: number;
  /** Bytes of entries in one write to the log. */
  readonly writeBatchBytesMax: number;
  /** Entries after which applying gives way to whatever else waits. */
  readonly applySliceMax: number;
  /** Ticks from one comparison of the members' states to the next; 0: never. */
  readonly checksumIntervalTicks: number;
  readonly snapshot: SnapshotLimits;
}

export interface LoopParts {
  readonly core: RaftCore;
  /** Already holds the state as of `core.state.lastApplied`. */
  readonly stateMachine: StateMachine;
  readonly effects: LoopEffects;
  readonly ticker: Ticker;
  /** Names this process in proposal ids. */
  readonly origin: string;
  readonly limits: LoopLimits;
}

/**
 * Drives the core: takes one input at a time, steps the core and does what its Ready says.
 *
 * Synchronous, without timers, promises or Nest: whatever takes time is set in motion through `LoopEffects` and comes
 * back as an input. Time is looked at before each input, so that a process that stood still acts on nothing older.
 */
export class RaftLoop {
  readonly proposals: PendingProposals;
  readonly reads: PendingReads;
  readonly progress = new PendingProgress();
  readonly comparison: StateComparison;
  private readonly writer: LogWriter;
  private readonly applier: Applier;
  private readonly snapshotter: Snapshotter;
  private readonly handler: ReadyHandler;
  private readonly inputs: RaftInput[] = [];
  private isRunning = false;

  constructor(private readonly parts: LoopParts) {
    const { core, stateMachine, effects, limits } = parts;
    const { lastApplied } = core.state;
    this.proposals = new PendingProposals(parts.origin, {
      countMax: limits.proposalsPendingMax,
      bytesMax: limits.proposalsPendingBytesMax,
    });
    this.reads = new PendingReads(limits.readsPendingMax, { index: lastApplied, revision: stateMachine.revision() });
    this.writer = new LogWriter((write) => {
      effects.writeLog(write);
    }, limits.writeBatchBytesMax);
    this.applier = new Applier(stateMachine, { proposals: this.proposals, reads: this.reads }, lastApplied);
    this.snapshotter = new Snapshotter(core, this.applier, { stateMachine, effects, limits: limits.snapshot });
    const { checksumIntervalTicks: intervalTicks } = limits;
    this.comparison = new StateComparison({ core, applier: this.applier, effects, intervalTicks });
    this.handler = new ReadyHandler(
      {
        writer: this.writer,
        applier: this.applier,
        proposals: this.proposals,
        reads: this.reads,
        progress: this.progress,
        comparison: this.comparison,
        effects,
      },
      (input) => this.inputs.push(input),
      limits.applySliceMax,
    );
  }

  /**
   * Takes an input, and whatever follows from it at once, before it returns; from within, after the current one.
   *
   * @throws InvariantViolation when the state can no longer be trusted: the process must stop.
   */
  submit(input: RaftInput): void {
    this.inputs.push(input);
    if (this.isRunning) {
      return;
    }
    this.isRunning = true;
    for (let next = this.inputs.shift(); next !== undefined; next = this.inputs.shift()) {
      this.take(next);
    }
    // Left set after an error: a loop that broke takes nothing any more.
    this.isRunning = false;
  }

  private take(input: RaftInput): void {
    const { core, ticker } = this.parts;
    const elapsed = ticker.takeElapsed();
    if (elapsed > 0) {
      core.tick(elapsed);
      this.settle();
    }
    this.step(input);
    this.settle();
    if (input.type === 'tick' || input.type === 'flush') {
      this.flush();
    }
    this.snapshotter.maybeStart();
    if (this.comparison.proceed()) {
      this.settle();
    }
  }

  private step(input: RaftInput): void {
    const { core } = this.parts;
    switch (input.type) {
      case 'tick':
      case 'flush':
        return;
      case 'message':
        core.step(input.message);
        return;
      case 'transferLeadership':
        core.transferLeadership(input.target);
        return;
      case 'removeSilent':
        core.removeSilent(input);
        return;
      case 'requestHandOver':
        core.requestHandOver(input.target);
        return;
      case 'storage':
        core.noteStorage(input.isFull);
        if (!input.isFull) {
          this.snapshotter.noteRoom();
        }
        return;
      case 'persisted':
        this.completeWrite();
        return;
      case 'applied':
        core.applied(input.index);
        return;
      default:
        this.stepSnapshot(input);
    }
  }

  private stepSnapshot(input: Extract<RaftInput, { type: `chunk${string}` | `snapshot${string}` }>): void {
    const { core } = this.parts;
    switch (input.type) {
      case 'chunkRead':
        core.chunkRead(input);
        return;
      case 'chunkStored':
        core.chunkStored(input);
        return;
      case 'snapshotReceived':
        this.applier.install(input.metadata, input.restore);
        core.snapshotInstalled(input.metadata);
        return;
      case 'snapshotRejected':
        core.snapshotRejected();
        return;
      case 'snapshotTaken':
        core.snapshotTaken(input.metadata);
        this.snapshotter.noteTaken();
        return;
      case 'snapshotFailed':
        this.snapshotter.noteFailed();
    }
  }

  /** Does what the core wants; a write that needed no disk is reported back at once. */
  private settle(): void {
    const { core } = this.parts;
    for (let persisted = this.handler.handle(core.ready()); persisted !== null;) {
      core.persisted(persisted);
      persisted = this.handler.handle(core.ready());
    }
  }

  private completeWrite(): void {
    const completed = this.writer.complete();
    this.handler.send(completed.messages);
    this.parts.core.persisted(completed.sequence);
  }

  /** Hands waiting callers to the core once there is somebody to ask. */
  private flush(): void {
    const { core } = this.parts;
    if (core.state.leaderId === null) {
      return;
    }
    const { proposals, changes } = this.proposals.takeBatch();
    if (proposals.length > 0) {
      core.propose(proposals);
    }
    for (const { id, change } of changes) {
      core.changeMembership(id, change);
    }
    for (const confirmation of ['quorum', 'contact'] as const) {
      const group = this.reads.takeGroup(confirmation);
      if (group !== null) {
        core.readIndex([group], confirmation);
      }
    }
    const question = this.progress.takeQuestion();
    if (question !== null) {
      core.askProgress(question);
    }
    this.settle();
  }
}

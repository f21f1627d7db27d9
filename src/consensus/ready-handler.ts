import type { Ready } from '../raft/index.js';
import type { Applier } from './applier.js';
import type { LogWriter } from './log-writer.js';
import type { LoopEffects } from './loop-effects.js';
import type { PendingProgress } from './pending-progress.js';
import type { PendingProposals } from './pending-proposals.js';
import type { PendingReads } from './pending-reads.js';
import type { RaftInput } from './raft-input.js';
import type { StateComparison } from './state-comparison.js';

/** Does what a Ready says, in its order. */
export class ReadyHandler {
  /**
   * @param submit - Takes inputs that are due at once; the loop gets to them after this Ready.
   * @param applySliceMax - Entries after which applying gives way to whatever else waits.
   */
  constructor(
    private readonly parts: {
      readonly writer: LogWriter;
      readonly applier: Applier;
      readonly proposals: PendingProposals;
      readonly reads: PendingReads;
      readonly progress: PendingProgress;
      readonly comparison: StateComparison;
      readonly effects: LoopEffects;
    },
    private readonly submit: (input: RaftInput) => void,
    private readonly applySliceMax: number,
  ) {}

  /** @returns The number of a write that needed no disk and is complete, null where there is none. */
  handle(ready: Ready): number | null {
    const persisted = this.write(ready);
    this.send(ready.messages);
    for (const step of ready.comparison) {
      this.parts.comparison.note(step);
    }
    this.apply(ready);
    for (const outcome of ready.proposals) {
      this.parts.proposals.noteOutcome(outcome);
    }
    for (const outcome of ready.reads) {
      this.parts.reads.noteOutcome(outcome);
    }
    for (const outcome of ready.progress) {
      this.parts.progress.noteOutcome(outcome);
    }
    for (const task of ready.snapshotTasks) {
      this.parts.effects.runSnapshotTask(task);
    }
    if (ready.change !== null) {
      this.parts.effects.noteStatus(ready.change);
    }
    return persisted;
  }

  /** Sends messages that may leave now. */
  send(messages: Ready['messages']): void {
    for (const message of messages) {
      this.parts.effects.send(message);
    }
  }

  private write(ready: Ready): number | null {
    if (ready.write === null) {
      return null;
    }
    const completed = this.parts.writer.add(ready.write);
    if (completed === null) {
      return null;
    }
    this.send(completed.messages);
    return completed.sequence;
  }

  private apply(ready: Ready): void {
    if (ready.committed.length === 0) {
      return;
    }
    this.parts.effects.timeApply(ready.committed.length, () => {
      this.parts.applier.apply(ready.committed);
    });
    const index = this.parts.applier.lastApplied;
    if (ready.committed.length >= this.applySliceMax) {
      this.parts.effects.applyMoreSoon(index);
    } else {
      this.submit({ type: 'applied', index });
    }
  }
}

import type { LogIndex } from '../../../src/raft/index.js';

/** The highest index whose effect some client has seen, and since when: no later read may show less. */
export class Floor {
  private readonly steps: { readonly atMs: number; readonly index: LogIndex }[] = [];

  get index(): LogIndex {
    return this.steps.at(-1)?.index ?? 0;
  }

  /** A client was answered from a state that holds `index`. */
  raise(atMs: number, index: LogIndex): void {
    if (index > this.index) {
      this.steps.push({ atMs, index });
    }
  }

  /** What it was at a moment of the past. */
  at(atMs: number): LogIndex {
    return this.steps.findLast((step) => step.atMs <= atMs)?.index ?? 0;
  }
}

import type { LogIndex } from '../types.js';

/** The window of AppendEntries to one follower that it has not answered yet. */
export class Inflights {
  private lastIndexes: LogIndex[] = [];

  /** @param max - Batches that may be unanswered at a time. */
  constructor(private readonly max: number) {}

  get isFull(): boolean {
    return this.lastIndexes.length >= this.max;
  }

  get size(): number {
    return this.lastIndexes.length;
  }

  get isEmpty(): boolean {
    return this.lastIndexes.length === 0;
  }

  /** A batch that ends at `lastIndex` was sent. */
  add(lastIndex: LogIndex): void {
    this.lastIndexes.push(lastIndex);
  }

  /** Everything up to `index` was answered. */
  free(index: LogIndex): void {
    this.lastIndexes = this.lastIndexes.filter((lastIndex) => lastIndex > index);
  }

  /** The oldest batch is given up for lost, so that the window cannot stay shut for ever. */
  freeFirst(): void {
    this.lastIndexes.shift();
  }

  clear(): void {
    this.lastIndexes = [];
  }
}

import type { KeyOperation } from './key-operation.js';

const NONE = -1;

/**
 * The calls and returns of the operations that have no place yet, in the order of time, as a linked list: an operation is
 * taken out and put back in constant time (Lowe 2017, "Testing for linearizability").
 *
 * Operations are numbers, by their order of `start`. A call and a return at the same moment count as overlapping.
 */
export class PendingList {
  /** Entry `i` is the call of operation i, `count + i` its return, `2 * count` the head. */
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly head: number;

  /** @param operations - Completed operations by `start`. */
  constructor(private readonly operations: readonly KeyOperation[]) {
    const count = operations.length;
    this.head = 2 * count;
    this.next = new Int32Array(2 * count + 1).fill(NONE);
    this.previous = new Int32Array(2 * count + 1).fill(NONE);
    const returns = operations
      .map((operation, index) => ({ time: operation.end, entry: count + index }))
      .sort((a, b) => a.time - b.time);
    let last = this.head;
    const append = (entry: number): void => {
      this.next[last] = entry;
      this.previous[entry] = last;
      last = entry;
    };
    let returned = 0;
    operations.forEach((operation, index) => {
      for (let entry = returns[returned]; entry !== undefined && entry.time < operation.start;) {
        append(entry.entry);
        entry = returns[++returned];
      }
      append(index);
    });
    returns.slice(returned).forEach(({ entry }) => {
      append(entry);
    });
  }

  get isEmpty(): boolean {
    return this.first === NONE;
  }

  /** The operation that began first; -1 when there is none. */
  get first(): number {
    return this.next[this.head] ?? NONE;
  }

  /**
   * Fills `into` with the operations that may take effect next: those that began before the first return.
   *
   * @returns The operation of the first return, or -1 when the list is empty.
   */
  candidates(into: number[]): number {
    into.length = 0;
    let entry = this.first;
    while (entry !== NONE && entry < this.operations.length) {
      into.push(entry);
      entry = this.next[entry] ?? NONE;
    }
    return entry === NONE ? NONE : entry - this.operations.length;
  }

  /** Takes an operation out: it has its place. */
  lift(operation: number): void {
    this.unlink(operation);
    this.unlink(this.operations.length + operation);
  }

  /** Undoes the latest `lift` that is not undone. */
  putBack(operation: number): void {
    this.relink(this.operations.length + operation);
    this.relink(operation);
  }

  private unlink(entry: number): void {
    const before = this.previous[entry] ?? NONE;
    const after = this.next[entry] ?? NONE;
    this.next[before] = after;
    if (after !== NONE) {
      this.previous[after] = before;
    }
  }

  private relink(entry: number): void {
    const before = this.previous[entry] ?? NONE;
    const after = this.next[entry] ?? NONE;
    this.next[before] = entry;
    if (after !== NONE) {
      this.previous[after] = entry;
    }
  }
}

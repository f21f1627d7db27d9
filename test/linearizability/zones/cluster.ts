import type { Value } from '../history.js';
import { isOpen } from '../key-operation.js';
import type { KeyOperation } from '../key-operation.js';

/**
 * Operations that stand side by side in every order that explains the history, and the times that this ties down: one of
 * them has ended at `earliestEnd`, and one of them has not begun before `latestStart`.
 */
export class Zone {
  earliestEnd = Infinity;
  latestStart = -Infinity;
  /** The operation that ends at `earliestEnd`; null: the beginning of the history. */
  first: KeyOperation | null = null;
  /** The operation that begins at `latestStart`. */
  last: KeyOperation | null = null;

  /** A zone that spans the time from the first to the second holds the register for all of it. */
  get isForward(): boolean {
    return this.earliestEnd < this.latestStart;
  }

  include(operation: KeyOperation): void {
    this.widen(operation.end, operation);
    this.delay(operation.start, operation);
  }

  includeZone(zone: Zone): void {
    this.widen(zone.earliestEnd, zone.first);
    this.delay(zone.latestStart, zone.last);
  }

  private widen(end: number, operation: KeyOperation | null): void {
    if (end < this.earliestEnd) {
      this.earliestEnd = end;
      this.first = operation;
    }
  }

  private delay(start: number, operation: KeyOperation | null): void {
    if (start > this.latestStart) {
      this.latestStart = start;
      this.last = operation;
    }
  }
}

/** A write and all that saw what it wrote. */
export class Cluster {
  readonly zone = new Zone();
  /** The revision of the write, once an answer has said it. */
  revision: number | null = null;
  /** The cluster right before this one, which the condition of the write demands. */
  predecessor: Cluster | null = null;
  /** True when the write certainly took effect: it was answered, or someone saw it. */
  happened: boolean;

  /**
   * @param value - What was written; null: the key was removed.
   * @param write - Null: what was there before the first operation.
   */
  constructor(
    readonly value: Value | null,
    readonly write: KeyOperation | null,
  ) {
    this.happened = write === null || !isOpen(write);
    if (write === null) {
      this.zone.earliestEnd = -Infinity;
    } else {
      this.zone.include(write);
    }
  }

  /** Adds an operation that saw what was written. */
  addReader(operation: KeyOperation): void {
    this.zone.include(operation);
    this.happened = true;
  }
}

/** Why a register contradicts its history. */
export interface Finding {
  readonly reason: string;
  readonly operations: readonly KeyOperation[];
}

/** A finding about these operations; those that are null, or twice in the list, are left out. */
export function finding(reason: string, ...operations: readonly (KeyOperation | null)[]): Finding {
  return { reason, operations: [...new Set(operations)].filter((operation) => operation !== null) };
}

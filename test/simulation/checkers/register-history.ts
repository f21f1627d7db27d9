import type { WriteRecord } from './client-history.js';
import { holds } from './violation.js';

/** A consistent read as its client saw it. `writeId` null: the key was not there. */
export interface RegisterRead {
  readonly key: string;
  readonly writeId: string | null;
  readonly startMs: number;
  readonly endMs: number;
}

/** A write of one key, and when it was known to have happened: answered, or shown by a read. */
interface SeenWrite {
  readonly record: WriteRecord;
  readonly seenMs: number;
}

/**
 * What clients saw of single keys, judged without the log: each value is unique and names its write, so a read that
 * shows a value puts that write between others.
 *
 * It knows less than the check by log index and shares nothing with it but the clients.
 */
export class RegisterHistory {
  private readonly reads: RegisterRead[] = [];
  private readonly keysOf = new Map<string, readonly string[]>();

  /** A client writes these keys, without condition. */
  noteWrite(writeId: string, keys: readonly string[]): void {
    this.keysOf.set(writeId, keys);
  }

  noteRead(read: RegisterRead): void {
    this.reads.push(read);
  }

  /**
   * I19: no read shows what nobody had asked for yet, and none shows a value that was replaced before it began.
   *
   * A write that was repeated after its idempotency entry expired may rightly show up again, and is left out.
   *
   * @param writes - All writes by their names.
   */
  check(writes: ReadonlyMap<string, WriteRecord>): void {
    const byKey = this.seenWrites(writes);
    for (const read of this.reads) {
      const shown = read.writeId === null ? undefined : writes.get(read.writeId);
      if (shown === undefined || shown.effects.length > 1) {
        continue;
      }
      const words = (): string => `a read of ${read.key} that began at ${read.startMs.toFixed(1)} shows ${shown.id}`;
      holds(shown.startMs <= read.endMs, 'I19', () => `${words()}, which began later`);
      const others = byKey.get(read.key) ?? [];
      const shownMs = others.find((other) => other.record === shown)?.seenMs ?? Infinity;
      const later = others.find((other) => other.record.startMs > shownMs && other.seenMs < read.startMs);
      holds(later === undefined, 'I19', () => `${words()}, but ${later?.record.id ?? ''} had replaced it`);
    }
  }

  private seenWrites(writes: ReadonlyMap<string, WriteRecord>): ReadonlyMap<string, SeenWrite[]> {
    const firstShownMs = new Map<string, number>();
    for (const { writeId, endMs } of this.reads) {
      if (writeId !== null) {
        firstShownMs.set(writeId, Math.min(endMs, firstShownMs.get(writeId) ?? Infinity));
      }
    }
    const byKey = new Map<string, SeenWrite[]>();
    for (const [writeId, keys] of this.keysOf) {
      const record = writes.get(writeId);
      const seenMs = Math.min(record?.endMs ?? Infinity, firstShownMs.get(writeId) ?? Infinity);
      if (record !== undefined && seenMs < Infinity) {
        keys.forEach((key) => byKey.set(key, [...(byKey.get(key) ?? []), { record, seenMs }]));
      }
    }
    return byKey;
  }
}

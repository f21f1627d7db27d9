import type { Idempotency } from './commands.js';
import type { RememberedResult } from './results.js';
import { compareUnits, SortedTree } from './sorted-tree.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import type { Hash64 } from './state-checksum.js';

/** Longest idempotency key, in characters. */
export const idempotencyKeyLengthMax = 255;
/** Longest fingerprint, in characters. */
export const fingerprintLengthMax = 128;
/** About what an entry takes in memory besides its two texts. */
export const idempotencyOverheadBytes = 128;

/** Entries forgotten before one command, so that none of them waits for a whole table to go. */
const expiriesPerCommandMax = 64;

/** Tells the hash of an entry from those of the other parts of the state. */
const hashDomain = 2;

const visibleAscii = /^[\x21-\x7e]+$/;

/** Equal on all nodes of a cluster, or their states part. */
export interface IdempotencyLimits {
  /** How long a result is remembered at least, in milliseconds of the log's time. */
  readonly idempotencyRetentionMs: number;
  /** Entries at most. */
  readonly idempotencyEntriesMax: number;
  /** Sum of the entries' sizes at most, in bytes as {@link IdempotencyTable.bytes} counts them. */
  readonly idempotencyBytesMax: number;
}

/** What is remembered of one command. */
export interface IdempotencyEntry extends Idempotency {
  readonly timeMs: number;
  readonly result: RememberedResult;
}

/** Whether `text` may be an idempotency key: 1 to {@link idempotencyKeyLengthMax} visible ASCII characters. */
export function isIdempotencyKey(text: string): boolean {
  return text.length <= idempotencyKeyLengthMax && visibleAscii.test(text);
}

/** Whether `text` may be a fingerprint: 1 to {@link fingerprintLengthMax} visible ASCII characters. */
export function isFingerprint(text: string): boolean {
  return text.length <= fingerprintLengthMax && visibleAscii.test(text);
}

/**
 * Results of commands by the key that the client gave them: a retried write has one effect and one answer.
 *
 * Bounded; an entry goes only when its time is over, never to make room. Cloning takes constant time.
 *
 * @see Ongaro 2014 §6.3
 */
export class IdempotencyTable {
  private byKey = new SortedTree<string, IdempotencyEntry>(undefined, compareUnits);
  private byAge = new SortedTree<IdempotencyEntry, undefined>(undefined, compareAges);
  private sum = new Checksum();
  private textUnits = 0;

  constructor(private readonly limits: IdempotencyLimits) {}

  clone(): IdempotencyTable {
    const copy = new IdempotencyTable(this.limits);
    copy.byKey = this.byKey.clone();
    copy.byAge = this.byAge.clone();
    copy.sum = this.sum.clone();
    copy.textUnits = this.textUnits;
    return copy;
  }

  get entryCount(): number {
    return this.byKey.size;
  }

  /** Sizes of all entries: one byte for each character and {@link idempotencyOverheadBytes} an entry. */
  get bytes(): number {
    return this.textUnits + this.byKey.size * idempotencyOverheadBytes;
  }

  /** Of all entries with their results and times. */
  get checksum(): Hash64 {
    return this.sum.value();
  }

  /** What is remembered under `key` at `nowMs`; an entry whose time is over is forgotten here at the latest. */
  find(key: string, nowMs: number): IdempotencyEntry | undefined {
    const entry = this.byKey.get(key);
    if (entry === undefined || !this.isOver(entry, nowMs)) {
      return entry;
    }
    this.forget(entry);
    return undefined;
  }

  /**
   * Forgets entries whose time is over at `nowMs`, oldest first.
   *
   * Some can stay for the next call. Nobody notices: {@link find} does not give them out, and then so many were
   * forgotten that there is room for one more of any size.
   */
  expire(nowMs: number): void {
    for (let expired = 0; expired < expiriesPerCommandMax; expired += 1) {
      const oldest = this.byAge.minKey();
      if (oldest === undefined || !this.isOver(oldest, nowMs)) {
        return;
      }
      this.forget(oldest);
    }
  }

  hasRoomFor(idempotency: Idempotency): boolean {
    const { idempotencyEntriesMax, idempotencyBytesMax } = this.limits;
    const bytes = idempotencyOverheadBytes + textLength(idempotency);
    return this.byKey.size < idempotencyEntriesMax && this.bytes + bytes <= idempotencyBytesMax;
  }

  /** Remembers a result under a key that has none. */
  remember(entry: IdempotencyEntry): void {
    this.byKey.set(entry.key, entry);
    this.byAge.set(entry, undefined);
    this.sum.add(hashEntry(entry));
    this.textUnits += textLength(entry);
  }

  /**
   * Adds an entry as it was stored, whatever the limits are.
   *
   * @returns False, and nothing is added, unless the key is new and the entry comes after all others by time and key.
   */
  append(entry: IdempotencyEntry): boolean {
    const youngest = this.byAge.maxKey();
    if (this.byKey.has(entry.key) || (youngest !== undefined && compareAges(entry, youngest) <= 0)) {
      return false;
    }
    this.remember(entry);
    return true;
  }

  /** Every entry, ordered by time and then by key. */
  entries(): IterableIterator<IdempotencyEntry> {
    return this.byAge.keys();
  }

  private isOver(entry: IdempotencyEntry, nowMs: number): boolean {
    return nowMs - entry.timeMs >= this.limits.idempotencyRetentionMs;
  }

  private forget(entry: IdempotencyEntry): void {
    this.byKey.delete(entry.key);
    this.byAge.delete(entry);
    this.sum.subtract(hashEntry(entry));
    this.textUnits -= textLength(entry);
  }
}

function textLength(idempotency: Idempotency): number {
  return idempotency.key.length + idempotency.fingerprint.length;
}

function compareAges(left: IdempotencyEntry, right: IdempotencyEntry): number {
  return left.timeMs - right.timeMs || compareUnits(left.key, right.key);
}

/** The hash of one entry in the checksum of the state. */
function hashEntry({ key, fingerprint, timeMs, result }: IdempotencyEntry): Hash64 {
  const hasher = new EntryHasher(hashDomain).text(key).text(fingerprint).number(timeMs);
  hasher.text(result.kind).number(result.revision);
  switch (result.kind) {
    case 'written':
      return hasher.finish();
    case 'deleted':
      return hasher.number(result.deleted).finish();
    case 'conditionFailed':
      return hasher.number(result.modRevision ?? 0).finish();
  }
}

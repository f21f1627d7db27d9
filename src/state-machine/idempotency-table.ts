import type { Idempotency } from './commands.js';
import type { RememberedResult } from './results.js';
import { compareUnits, SortedTree } from './sorted-tree.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import type { Hash64 } from './state-checksum.js';
import { isVisibleAscii } from './visible-ascii.js';

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

/** What a table holds at most; equal on all nodes of a cluster, or their states part. */
export interface IdempotencyLimits {
  readonly entriesMax: number;
  /** Sum of the entries' sizes, in bytes as {@link IdempotencyTable.bytes} counts them. */
  readonly bytesMax: number;
}

/** The limits of every cluster. They decide what commands do, so they are no settings. */
export const idempotencyLimits: IdempotencyLimits = { entriesMax: 1_000_000, bytesMax: 256 * 1024 * 1024 };

/** What is remembered of one command. */
export interface IdempotencyEntry extends Pick<Idempotency, 'key' | 'fingerprint'> {
  /** Time of the log at which it is over. */
  readonly untilMs: number;
  readonly result: RememberedResult;
}

/** Whether `text` may be an idempotency key: 1 to {@link idempotencyKeyLengthMax} visible ASCII characters. */
export function isIdempotencyKey(text: string): boolean {
  return isVisibleAscii(text, idempotencyKeyLengthMax);
}

/** Whether `text` may be a fingerprint: 1 to {@link fingerprintLengthMax} visible ASCII characters. */
export function isFingerprint(text: string): boolean {
  return isVisibleAscii(text, fingerprintLengthMax);
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
  private byEnd = new SortedTree<IdempotencyEntry, undefined>(undefined, compareEnds);
  private sum = new Checksum();
  private textUnits = 0;

  constructor(private readonly limits: IdempotencyLimits) {}

  clone(): IdempotencyTable {
    const copy = new IdempotencyTable(this.limits);
    copy.byKey = this.byKey.clone();
    copy.byEnd = this.byEnd.clone();
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

  /** Of all entries with their results and ends. */
  get checksum(): Hash64 {
    return this.sum.value();
  }

  /** What is remembered under `key` at `nowMs`; an entry whose time is over is forgotten here at the latest. */
  find(key: string, nowMs: number): IdempotencyEntry | undefined {
    const entry = this.byKey.get(key);
    if (entry === undefined || nowMs < entry.untilMs) {
      return entry;
    }
    this.forget(entry);
    return undefined;
  }

  /**
   * Forgets entries whose time is over at `nowMs`, in the order of their ends.
   *
   * Some can stay for the next call. Nobody notices: {@link find} does not give them out, and then so many were
   * forgotten that there is room for one more of any size.
   */
  expire(nowMs: number): void {
    for (let expired = 0; expired < expiriesPerCommandMax; expired += 1) {
      const first = this.byEnd.minKey();
      if (first === undefined || nowMs < first.untilMs) {
        return;
      }
      this.forget(first);
    }
  }

  hasRoomFor(idempotency: Pick<Idempotency, 'key' | 'fingerprint'>): boolean {
    const { entriesMax, bytesMax } = this.limits;
    const bytes = idempotencyOverheadBytes + textLength(idempotency);
    return this.byKey.size < entriesMax && this.bytes + bytes <= bytesMax;
  }

  /** Remembers a result under a key that has none. */
  remember(entry: IdempotencyEntry): void {
    this.byKey.set(entry.key, entry);
    this.byEnd.set(entry, undefined);
    this.sum.add(hashEntry(entry));
    this.textUnits += textLength(entry);
  }

  /**
   * Adds an entry as it was stored, whatever the limits are.
   *
   * @returns False, and nothing is added, unless the key is new and the entry comes after all others by end and key.
   */
  append(entry: IdempotencyEntry): boolean {
    const last = this.byEnd.maxKey();
    if (this.byKey.has(entry.key) || (last !== undefined && compareEnds(entry, last) <= 0)) {
      return false;
    }
    this.remember(entry);
    return true;
  }

  /** Every entry, ordered by its end and then by key. */
  entries(): IterableIterator<IdempotencyEntry> {
    return this.byEnd.keys();
  }

  private forget(entry: IdempotencyEntry): void {
    this.byKey.delete(entry.key);
    this.byEnd.delete(entry);
    this.sum.subtract(hashEntry(entry));
    this.textUnits -= textLength(entry);
  }
}

function textLength(idempotency: Pick<Idempotency, 'key' | 'fingerprint'>): number {
  return idempotency.key.length + idempotency.fingerprint.length;
}

function compareEnds(left: IdempotencyEntry, right: IdempotencyEntry): number {
  return left.untilMs - right.untilMs || compareUnits(left.key, right.key);
}

/** The hash of one entry in the checksum of the state. */
function hashEntry({ key, fingerprint, untilMs, result }: IdempotencyEntry): Hash64 {
  const hasher = new EntryHasher(hashDomain).text(key).text(fingerprint).number(untilMs);
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

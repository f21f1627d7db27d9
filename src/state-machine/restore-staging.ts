import { MalformedBytesError } from '../lib/bytes.js';
import { RecordReader } from './key-record.js';
import type { RestoreRefusal } from './results.js';
import { EntryHasher } from './state-checksum.js';
import type { Hash64 } from './state-checksum.js';
import { VersionedMap } from './versioned-map.js';

/** Tells the hash of a staging area from those of the other parts of the state. */
const hashDomain = 4;

/** Whose keys are staged, and how far. */
export interface StagingPosition {
  readonly id: string;
  /** Of the store that the keys come from. */
  readonly backupRevision: number;
  /** The revision at which the keys will be in force, and that each of them has from now on. */
  readonly targetRevision: number;
  /** Time of the log at which the staging area is forgotten. */
  readonly untilMs: number;
  /** The chunk that is due. */
  readonly nextChunk: number;
}

/**
 * The keys of a backup on their way into the store: part of the replicated state, seen by nobody before they are in
 * force.
 */
export class RestoreStaging {
  private readonly keys = new VersionedMap();

  constructor(private at: StagingPosition) {}

  get position(): StagingPosition {
    return this.at;
  }

  /** The keys so far. */
  get map(): VersionedMap {
    return this.keys;
  }

  /** Of the position and of all keys. */
  get checksum(): Hash64 {
    const { id, backupRevision, targetRevision, untilMs, nextChunk } = this.at;
    const { high, low } = this.keys.checksum;
    const hasher = new EntryHasher(hashDomain).text(id).number(backupRevision).number(targetRevision);
    return hasher
      .number(untilMs)
      .number(nextChunk)
      .number(this.keys.keyCount)
      .number(high >>> 0)
      .number(low >>> 0)
      .finish();
  }

  /** Adds the keys of a chunk. @returns Why it cannot: the staging area is no use any more then. Null: they are in. */
  add(chunk: number, records: Uint8Array, untilMs: number): RestoreRefusal | null {
    if (chunk < this.at.nextChunk) {
      return null;
    }
    if (chunk > this.at.nextChunk) {
      return 'outOfOrder';
    }
    if (!this.addRecords(records)) {
      return 'damaged';
    }
    this.at = { ...this.at, nextChunk: chunk + 1, untilMs };
    return null;
  }

  private addRecords(records: Uint8Array): boolean {
    const { backupRevision, targetRevision: modRevision } = this.at;
    const reader = new RecordReader(records, backupRevision);
    try {
      while (!reader.isAtEnd) {
        reader.next();
        const { key, value, createRevision, version } = reader;
        if (!this.keys.append({ key, value, createRevision, modRevision, version })) {
          return false;
        }
      }
      return true;
    } catch (error) {
      if (error instanceof MalformedBytesError) {
        return false;
      }
      throw error;
    }
  }
}

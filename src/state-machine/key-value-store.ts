import { MalformedBytesError, NewerFormatError } from '../lib/bytes.js';
import { applyRestore, expireStaging, forgetStaging } from './apply-restore.js';
import { keyBlocks } from './backup-blocks.js';
import type { BackupContents } from './backup-blocks.js';
import { decodeCommand, freesSpace } from './command-codec.js';
import type { Command, CommandEnvelope, Condition, DeleteCommand, Idempotency, PutCommand } from './commands.js';
import { idempotencyLimits } from './idempotency-table.js';
import type { IdempotencyLimits } from './idempotency-table.js';
import type { CommandResult, RangeRequest, RangeResult, RememberedResult, StoredValue } from './results.js';
import { SnapshotReader } from './snapshot-reader.js';
import { snapshotPieces } from './snapshot-writer.js';
import { StoreState } from './store-state.js';

/**
 * The replicated key-value data of one node, in memory.
 *
 * Everything is synchronous and depends on nothing but the commands applied.
 */
export class KeyValueStore {
  private state: StoreState;

  /** @param limits - Others than those of every cluster are for tests: they decide what commands do. */
  constructor(private readonly limits: IdempotencyLimits = idempotencyLimits) {
    this.state = new StoreState(limits);
  }

  /**
   * Applies one committed command; what is no command at all does nothing, on every node.
   *
   * @param applied - `index` grows from call to call; `timeMs` is the time of the log, an integer that is not negative.
   * @throws NewerFormatError for a command that only a later version knows: to pass over it would make this node's state
   *   another one than that of the others.
   */
  apply(applied: { readonly index: number; readonly timeMs: number; readonly data: Uint8Array }): CommandResult {
    const envelope = readEnvelope(applied.data);
    this.state.lastTimeMs = Math.max(this.state.lastTimeMs, applied.timeMs);
    expireStaging(this.state);
    if (envelope === null) {
      return { kind: 'malformed' };
    }
    const { idempotency, command } = envelope;
    return idempotency === null ? this.execute(command) : this.executeOnce(command, idempotency);
  }

  /** The state as of this call, in pieces of at most 64 KiB that are made while they are read, each its own memory. */
  snapshot(): Iterable<Uint8Array> {
    const frozen = this.state.freeze();
    return { [Symbol.iterator]: () => snapshotPieces(frozen) };
  }

  /** How much a snapshot would hold: keys, remembered results, and about what they take in memory. */
  size(): { readonly records: number; readonly bytes: number } {
    return { records: this.keyCount + this.idempotencyEntryCount, bytes: this.byteEstimate };
  }

  /** All keys as of this call, for a backup; made while they are read. */
  backup(): BackupContents {
    const { revision, keys } = this.state.freeze();
    return { revision, keyCount: keys.keyCount, blocks: { [Symbol.iterator]: () => keyBlocks(keys) } };
  }

  /** Starts to replace the whole state. The state in force serves and changes until {@link SnapshotReader.finish}. */
  startRestore(): SnapshotReader {
    return new SnapshotReader(new StoreState(this.limits), (restored) => {
      this.state = restored;
    });
  }

  /** Forgets everything. */
  reset(): void {
    this.state = new StoreState(this.limits);
  }

  /** Whether a command only frees space. */
  mayUseReserve(command: Uint8Array): boolean {
    return freesSpace(command);
  }

  /** 16 hexadecimal digits, equal on all nodes that applied the same commands. Takes constant time. */
  checksum(): string {
    return this.state.checksum();
  }

  /** Grows by one with each command that changed something, with a restore by more; never goes back. */
  revision(): number {
    return this.state.revision;
  }

  /** The value of a key, a view that is good until the next change; undefined where there is none. */
  get(key: string): StoredValue | undefined {
    return this.state.keys.get(key);
  }

  /**
   * A page of the keys that begin with a prefix, in byte order; its values are views, good until the next change. Takes time in
   * proportion to its items.
   */
  range(request: RangeRequest): RangeResult {
    return this.state.keys.range(request);
  }

  /** How many keys begin with `prefix`. Takes time in proportion to the answer, about a millisecond for 20,000. */
  count(prefix: string): number {
    return this.state.keys.count(prefix);
  }

  get keyCount(): number {
    return this.state.keys.keyCount;
  }

  /** About what the state takes in memory, in bytes. */
  get byteEstimate(): number {
    const { keys, idempotency, staging } = this.state;
    return keys.byteEstimate + idempotency.bytes + (staging?.map.byteEstimate ?? 0);
  }

  /** Commands whose results are remembered. */
  get idempotencyEntryCount(): number {
    return this.state.idempotency.entryCount;
  }

  /** What they take, in bytes as their limit counts them. */
  get idempotencyBytes(): number {
    return this.state.idempotency.bytes;
  }

  private executeOnce(command: Command, idempotency: Idempotency): CommandResult {
    const { idempotency: table, lastTimeMs: timeMs } = this.state;
    table.expire(timeMs);
    const known = table.find(idempotency.key, timeMs);
    if (known !== undefined) {
      if (command.kind === 'restore') {
        forgetStaging(this.state, command.id);
      }
      return known.fingerprint === idempotency.fingerprint ? known.result : { kind: 'idempotencyKeyReused' };
    }
    if (!table.hasRoomFor(idempotency)) {
      return { kind: 'idempotencyTableFull' };
    }
    const result = this.execute(command);
    if (!isRemembered(result)) {
      return result;
    }
    const { key, fingerprint, retentionMs } = idempotency;
    table.remember({ key, fingerprint, untilMs: Math.min(timeMs + retentionMs, Number.MAX_SAFE_INTEGER), result });
    return result;
  }

  private execute(command: Command): CommandResult {
    switch (command.kind) {
      case 'put':
        return this.put(command);
      case 'delete':
        return this.delete(command);
      case 'deletePrefix':
        return this.deleted(this.state.keys.deletePrefix(command.prefix));
      case 'restore':
        return applyRestore(this.state, command);
    }
  }

  private put({ entries, condition }: PutCommand): RememberedResult {
    const { keys } = this.state;
    for (const { key } of condition === null ? [] : entries) {
      const modRevision = keys.modRevision(key);
      if (!holds(condition, modRevision)) {
        return { kind: 'conditionFailed', revision: this.state.revision, modRevision };
      }
    }
    this.state.revision += 1;
    for (const { key, value } of entries) {
      keys.put(key, value, this.state.revision);
    }
    return { kind: 'written', revision: this.state.revision };
  }

  private delete({ key, condition }: DeleteCommand): RememberedResult {
    const { keys } = this.state;
    const modRevision = keys.modRevision(key);
    if (!holds(condition, modRevision)) {
      return { kind: 'conditionFailed', revision: this.state.revision, modRevision };
    }
    return this.deleted(keys.delete(key) ? 1 : 0);
  }

  private deleted(count: number): RememberedResult {
    if (count > 0) {
      this.state.revision += 1;
    }
    return { kind: 'deleted', revision: this.state.revision, deleted: count };
  }
}

function isRemembered(result: CommandResult): result is RememberedResult {
  return result.kind === 'written' || result.kind === 'deleted' || result.kind === 'conditionFailed';
}

/** Null where the bytes are no command: every node finds that out alike. */
function readEnvelope(data: Uint8Array): CommandEnvelope | null {
  try {
    return decodeCommand(data);
  } catch (error) {
    if (error instanceof NewerFormatError) {
      throw new NewerFormatError(
        `the log holds what a newer version of raftdb wrote (${error.message}): ` +
          'start the version that the other members run; nothing was changed here',
      );
    }
    if (error instanceof MalformedBytesError) {
      return null;
    }
    throw error;
  }
}

/** @param modRevision - The key's, null where there is no such key. */
function holds(condition: Condition | null, modRevision: number | null): boolean {
  switch (condition?.kind) {
    case undefined:
      return true;
    case 'ifNoneMatch':
      return modRevision === null;
    case 'ifMatch':
      return modRevision !== null && (condition.modRevision ?? modRevision) === modRevision;
  }
}

import { assert } from '../lib/assert.js';
import { ByteReader, MalformedBytesError, NewerFormatError } from '../lib/bytes.js';
import { isFingerprint, isIdempotencyKey } from './idempotency-table.js';
import { RecordReader } from './key-record.js';
import { PageSplitter } from './page-splitter.js';
import { isRestoreId } from './restore-codec.js';
import { RestoreStaging } from './restore-staging.js';
import type { RememberedResult } from './results.js';
import { pageKinds, resultBytes, snapshotChunkBytesMax } from './snapshot-format.js';
import type { StoreState } from './store-state.js';

/** What the header promises about the rest. */
interface Totals {
  readonly keyCount: number;
  readonly idempotencyCount: number;
  readonly checksum: string;
}

/**
 * Builds a state from the chunks of a snapshot, each read and let go of as it arrives.
 *
 * Trusts nothing: form, order, counts and the checksum, computed anew, must all be right before the state is handed over.
 */
export class SnapshotReader {
  private readonly splitter = new PageSplitter();
  private totals: Totals | null = null;
  /** Keys of a restore that was under way. */
  private stagedCount = 0;
  private phase: 'open' | 'broken' | 'finished' = 'open';

  /**
   * @param state - An empty state, to be filled.
   * @param accept - Puts the state in force; called at most once, by {@link finish}.
   */
  constructor(
    private readonly state: StoreState,
    private readonly accept: (state: StoreState) => void,
  ) {}

  /**
   * Takes the next chunk and keeps no view of it.
   *
   * @throws MalformedBytesError when it cannot follow; nothing but starting anew helps then.
   */
  add(chunk: Uint8Array): void {
    this.enter();
    requireThat(chunk.length <= snapshotChunkBytesMax, `a chunk has ${chunk.length} bytes`);
    for (const page of this.splitter.add(chunk)) {
      this.readPage(page);
    }
    this.phase = 'open';
  }

  /**
   * Checks the whole, once all chunks were added; changes nothing.
   *
   * @throws MalformedBytesError when something is missing or does not add up.
   */
  verify(): void {
    this.enter();
    const { keys, idempotency } = this.state;
    const totals = this.requireTotals();
    requireThat(this.splitter.isBetweenPages, 'the end is missing');
    requireThat(keys.keyCount === totals.keyCount, 'keys are missing');
    requireThat(idempotency.entryCount === totals.idempotencyCount, 'idempotency entries are missing');
    requireThat((this.state.staging?.map.keyCount ?? 0) === this.stagedCount, 'staged keys are missing');
    requireThat(this.state.checksum() === totals.checksum, 'the checksum is another one');
    this.phase = 'open';
  }

  /**
   * Verifies, then puts the state in force.
   *
   * @throws MalformedBytesError as {@link verify} does; the state in force stays then.
   */
  finish(): void {
    this.verify();
    this.phase = 'finished';
    this.accept(this.state);
  }

  /** The reader is broken until the call that enters here comes to its end. */
  private enter(): void {
    assert(this.phase !== 'finished', 'a restore is finished once');
    requireThat(this.phase === 'open', 'it was refused before');
    this.phase = 'broken';
  }

  private requireTotals(): Totals {
    requireThat(this.totals !== null, 'the header is missing');
    return this.totals;
  }

  private readPage(bytes: Uint8Array): void {
    const kind = bytes[0];
    switch (kind) {
      case pageKinds.keys:
        this.readKeys(bytes.subarray(1));
        return;
      case pageKinds.stagedKeys:
        this.readStagedKeys(bytes.subarray(1));
        return;
      default: {
        const page = new ByteReader(bytes);
        const readRecord = this.recordReader(page.u8());
        do {
          readRecord(page);
        } while (page.remaining > 0);
      }
    }
  }

  private recordReader(kind: number): (page: ByteReader) => void {
    switch (kind) {
      case pageKinds.header:
        return (page) => {
          this.readHeader(page);
        };
      case pageKinds.idempotency: {
        const totals = this.requireTotals();
        return (page) => {
          this.readIdempotencyRecord(page, totals);
        };
      }
      case pageKinds.staging:
        return (page) => {
          this.readStaging(page);
        };
      default:
        throw new NewerFormatError(`a snapshot has a page of no known kind: ${kind}`);
    }
  }

  private readHeader(page: ByteReader): void {
    requireThat(this.totals === null, 'there is a second header');
    this.state.revision = page.u53();
    this.state.lastTimeMs = page.u53();
    this.totals = { keyCount: page.u53(), idempotencyCount: page.u53(), checksum: page.text() };
    this.state.keys.expect(this.totals.keyCount);
  }

  private readKeys(records: Uint8Array): void {
    const { keyCount } = this.requireTotals();
    const { keys, idempotency, revision } = this.state;
    const reader = new RecordReader(records, revision);
    do {
      requireThat(keys.keyCount < keyCount && idempotency.entryCount === 0, 'there is a key too many');
      reader.next();
      requireThat(keys.appendRead(reader), 'keys are not in order');
    } while (!reader.isAtEnd);
  }

  private readStagedKeys(records: Uint8Array): void {
    const { staging } = this.state;
    requireThat(staging !== null, 'staged keys precede their restore');
    const reader = new RecordReader(records, staging.position.targetRevision);
    do {
      reader.next();
      requireThat(staging.map.appendRead(reader), 'staged keys are not in order');
    } while (!reader.isAtEnd);
  }

  private readIdempotencyRecord(page: ByteReader, totals: Totals): void {
    const { keys, idempotency } = this.state;
    requireThat(idempotency.entryCount < totals.idempotencyCount, 'there is an idempotency entry too many');
    requireThat(keys.keyCount === totals.keyCount, 'an idempotency entry precedes a key');
    const key = page.text();
    const fingerprint = page.text();
    requireThat(isIdempotencyKey(key) && isFingerprint(fingerprint), 'an idempotency key or fingerprint is not one');
    const untilMs = page.u53();
    const result = this.readResult(page);
    requireThat(idempotency.append({ key, fingerprint, untilMs, result }), 'idempotency entries are not in order');
  }

  private readStaging(page: ByteReader): void {
    requireThat(this.state.staging === null && this.totals !== null, 'a restore precedes the header or another one');
    const id = page.text();
    requireThat(isRestoreId(id), 'the id of a restore is not one');
    const [backupRevision, targetRevision] = [page.u53(), page.u53()];
    requireThat(backupRevision < targetRevision, 'the revision of a restore is not above that of its backup');
    this.state.staging = new RestoreStaging({
      id,
      backupRevision,
      targetRevision,
      untilMs: page.u53(),
      nextChunk: page.u53(),
    });
    this.stagedCount = page.u53();
  }

  private readResult(page: ByteReader): RememberedResult {
    const kind = page.u8();
    const revision = page.u53();
    requireThat(revision <= this.state.revision, 'a result is of the future');
    switch (kind) {
      case resultBytes.written:
        return { kind: 'written', revision };
      case resultBytes.deleted:
        return { kind: 'deleted', revision, deleted: page.u53() };
      case resultBytes.conditionFailed:
        return { kind: 'conditionFailed', revision, modRevision: readModRevision(page) };
      default:
        throw new MalformedBytesError(`a result is of no known kind: ${kind}`);
    }
  }
}

function readModRevision(page: ByteReader): number | null {
  const flag = page.u8();
  requireThat(flag <= 1, 'a flag is neither 0 nor 1');
  if (flag === 0) {
    return null;
  }
  const modRevision = page.u53();
  requireThat(modRevision >= 1, 'a revision is 0');
  return modRevision;
}

function requireThat(condition: boolean, problem: string): asserts condition {
  if (!condition) {
    throw new MalformedBytesError(`a snapshot is damaged: ${problem}`);
  }
}

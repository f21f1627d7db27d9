import { ByteWriter } from '../lib/bytes.js';
import type { IdempotencyEntry } from './idempotency-table.js';
import type { RememberedResult } from './results.js';
import {
  pageKinds,
  resultBytes,
  snapshotFormatVersion,
  snapshotMagic,
  snapshotPageBytes,
  snapshotPieceBytesMax,
} from './snapshot-format.js';
import type { FrozenState } from './store-state.js';

/**
 * Writes a state as a snapshot, piece by piece while the caller takes them.
 *
 * @returns Pieces of `snapshotPieceBytesMax` bytes, the last one shorter, each with memory of its own.
 */
export function* snapshotPieces(state: FrozenState): Generator<Uint8Array, void> {
  let piece = new Uint8Array(snapshotPieceBytesMax);
  let filled = 0;
  for (const part of parts(state)) {
    for (let taken = 0; taken < part.length;) {
      const fitting = part.subarray(taken, taken + piece.length - filled);
      piece.set(fitting, filled);
      filled += fitting.length;
      taken += fitting.length;
      if (filled === piece.length) {
        yield piece;
        piece = new Uint8Array(snapshotPieceBytesMax);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield piece.slice(0, filled);
  }
}

/** The stream in parts of any length, each to be copied before the next one is taken: pages share their memory. */
function* parts(state: FrozenState): Generator<Uint8Array, void> {
  const page = new ByteWriter(snapshotPageBytes * 2);
  yield Uint8Array.of(...snapshotMagic, snapshotFormatVersion);
  yield* pages(page, { kind: pageKinds.header, items: [state], write: writeHeader });
  yield* pages(page, { kind: pageKinds.keys, items: state.keys.records(), write: writeRecord });
  yield* pages(page, { kind: pageKinds.idempotency, items: state.idempotency.entries(), write: writeIdempotencyEntry });
  if (state.staging !== null) {
    yield* pages(page, { kind: pageKinds.staging, items: [state.staging], write: writeStaging });
    yield* pages(page, { kind: pageKinds.stagedKeys, items: state.staging.keys.records(), write: writeRecord });
  }
}

/** Each page's length, then the page. */
function* pages<Item>(
  page: ByteWriter,
  records: {
    readonly kind: number;
    readonly items: Iterable<Item>;
    readonly write: (page: ByteWriter, item: Item) => void;
  },
): Generator<Uint8Array, void> {
  page.clear();
  for (const item of records.items) {
    if (page.size === 0) {
      page.u8(records.kind);
    }
    records.write(page, item);
    if (page.size >= snapshotPageBytes) {
      yield* framed(page);
    }
  }
  if (page.size > 0) {
    yield* framed(page);
  }
}

function* framed(page: ByteWriter): Generator<Uint8Array, void> {
  yield new ByteWriter(4).u32(page.size).finish();
  yield page.finish();
  page.clear();
}

function writeHeader(writer: ByteWriter, state: FrozenState): void {
  writer.u53(state.revision).u53(state.lastTimeMs);
  writer.u53(state.keys.keyCount).u53(state.idempotency.entryCount);
  writer.text(state.checksum);
}

function writeRecord(writer: ByteWriter, record: Uint8Array): void {
  writer.raw(record);
}

function writeStaging(writer: ByteWriter, { position, keys }: NonNullable<FrozenState['staging']>): void {
  const { id, backupRevision, targetRevision, untilMs, nextChunk } = position;
  writer.text(id).u53(backupRevision).u53(targetRevision).u53(untilMs).u53(nextChunk).u53(keys.keyCount);
}

function writeIdempotencyEntry(writer: ByteWriter, entry: IdempotencyEntry): void {
  writer.text(entry.key).text(entry.fingerprint).u53(entry.untilMs);
  writeResult(writer, entry.result);
}

function writeResult(writer: ByteWriter, result: RememberedResult): void {
  writer.u8(resultBytes[result.kind]).u53(result.revision);
  switch (result.kind) {
    case 'written':
      break;
    case 'deleted':
      writer.u53(result.deleted);
      break;
    case 'conditionFailed':
      if (result.modRevision === null) {
        writer.u8(0);
      } else {
        writer.u8(1).u53(result.modRevision);
      }
      break;
  }
}

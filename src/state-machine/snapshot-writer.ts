import { ByteWriter } from '../lib/bytes.js';
import type { IdempotencyEntry } from './idempotency-table.js';
import { writeKeyRecord } from './key-record.js';
import type { RestoreStaging } from './restore-staging.js';
import type { RememberedResult } from './results.js';
import {
  pageKinds,
  resultBytes,
  snapshotChunkBytesMax,
  snapshotFormatVersion,
  snapshotMagic,
  snapshotPageBytes,
} from './snapshot-format.js';
import type { StoreState } from './store-state.js';

/**
 * Writes a state as a snapshot, chunk by chunk while the caller takes them.
 *
 * @param state - Must not change until the last chunk was taken.
 * @returns Chunks of `snapshotChunkBytesMax` bytes, the last one shorter, each with memory of its own.
 */
export function* snapshotChunks(state: StoreState): Generator<Uint8Array, void> {
  let chunk = new Uint8Array(snapshotChunkBytesMax);
  let filled = 0;
  for (const piece of pieces(state)) {
    for (let taken = 0; taken < piece.length;) {
      const part = piece.subarray(taken, taken + chunk.length - filled);
      chunk.set(part, filled);
      filled += part.length;
      taken += part.length;
      if (filled === chunk.length) {
        yield chunk;
        chunk = new Uint8Array(snapshotChunkBytesMax);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield chunk.slice(0, filled);
  }
}

/** The stream in pieces of any length. */
function* pieces(state: StoreState): Generator<Uint8Array, void> {
  yield Uint8Array.of(...snapshotMagic, snapshotFormatVersion);
  yield* pages(pageKinds.header, [state], writeHeader);
  yield* pages(pageKinds.keys, state.keys.entries(), writeKeyRecord);
  yield* pages(pageKinds.idempotency, state.idempotency.entries(), writeIdempotencyEntry);
  if (state.staging !== null) {
    yield* pages(pageKinds.staging, [state.staging], writeStaging);
    yield* pages(pageKinds.stagedKeys, state.staging.map.entries(), writeKeyRecord);
  }
}

/** Each page's length, then the page. */
function* pages<Item>(
  kind: number,
  items: Iterable<Item>,
  write: (writer: ByteWriter, item: Item) => void,
): Generator<Uint8Array, void> {
  let writer: ByteWriter | null = null;
  for (const item of items) {
    writer ??= new ByteWriter(snapshotPageBytes * 2).u8(kind);
    write(writer, item);
    if (writer.size >= snapshotPageBytes) {
      yield* framed(writer);
      writer = null;
    }
  }
  if (writer !== null) {
    yield* framed(writer);
  }
}

function* framed(writer: ByteWriter): Generator<Uint8Array, void> {
  yield new ByteWriter(4).u32(writer.size).finish();
  yield writer.finish();
}

function writeHeader(writer: ByteWriter, state: StoreState): void {
  writer.u53(state.revision).u53(state.lastTimeMs);
  writer.u53(state.keys.keyCount).u53(state.idempotency.entryCount);
  writer.text(state.checksum());
}

function writeStaging(writer: ByteWriter, { position, map }: RestoreStaging): void {
  const { id, backupRevision, targetRevision, untilMs, nextChunk } = position;
  writer.text(id).u53(backupRevision).u53(targetRevision).u53(untilMs).u53(nextChunk).u53(map.keyCount);
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

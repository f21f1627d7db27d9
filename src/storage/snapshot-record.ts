import { crc32 } from 'node:zlib';
import { ByteWriter } from '../lib/bytes.js';
import { decodeConfiguration, encodeConfiguration } from '../raft/index.js';
import type { SnapshotMetadata } from '../raft/index.js';
import type { SnapshotEntity } from './entities/snapshot.entity.js';
import { corrupt, newerVersion } from './storage.errors.js';

/** Version of the form of a row; a newer one is refused. */
const snapshotFormatVersion = 1;

/** The columns of a complete snapshot. */
export type SnapshotColumns = Omit<SnapshotEntity, 'id' | 'state'>;

/** The columns of a draft: they have no meaning yet. */
export const draftColumns: SnapshotColumns = {
  lastIncludedIndex: 0,
  lastIncludedTerm: 0,
  lastIncludedTimeMs: 0,
  configuration: Buffer.alloc(0),
  chunkCount: 0,
  byteCount: 0,
  checksum: 0,
  formatVersion: snapshotFormatVersion,
};

/** The columns of the complete snapshot `id`. */
export function toColumns(id: number, metadata: SnapshotMetadata): SnapshotColumns {
  const { lastIncludedIndex, lastIncludedTerm, lastIncludedTimeMs, chunkCount, byteCount } = metadata;
  const columns: SnapshotColumns = {
    lastIncludedIndex,
    lastIncludedTerm,
    lastIncludedTimeMs,
    configuration: Buffer.from(encodeConfiguration(metadata.configuration)),
    chunkCount,
    byteCount,
    checksum: 0,
    formatVersion: snapshotFormatVersion,
  };
  return { ...columns, checksum: checksumOf(id, columns) };
}

/**
 * What a row says.
 *
 * @throws StorageError CORRUPT when it does not match its checksum, NEWER_VERSION when this program cannot know.
 */
export function toMetadata(row: SnapshotEntity): SnapshotMetadata {
  requireKnownFormat(row);
  if (checksumOf(row.id, row) !== row.checksum) {
    throw corrupt(`the snapshot at entry ${row.lastIncludedIndex} does not match its checksum`);
  }
  const { lastIncludedIndex, lastIncludedTerm, lastIncludedTimeMs, chunkCount, byteCount } = row;
  const configuration = decodeConfiguration(row.configuration);
  return { lastIncludedIndex, lastIncludedTerm, lastIncludedTimeMs, configuration, chunkCount, byteCount };
}

/** @throws StorageError NEWER_VERSION when a later version of this program wrote the row. */
export function requireKnownFormat(row: SnapshotEntity): void {
  if (row.formatVersion > snapshotFormatVersion) {
    throw newerVersion(`the snapshot at entry ${row.lastIncludedIndex} (format ${row.formatVersion})`);
  }
}

/** CRC-32 of a chunk's data together with its place. */
export function chunkChecksum(place: { snapshotId: number; chunk: number }, data: Uint8Array): number {
  return crc32(data, crc32(new ByteWriter(16).u53(place.snapshotId).u53(place.chunk).finish()));
}

function checksumOf(id: number, columns: SnapshotColumns): number {
  const writer = new ByteWriter(64 + columns.configuration.length);
  writer.u53(id).u53(columns.formatVersion);
  writer.u53(columns.lastIncludedIndex).u53(columns.lastIncludedTerm).u53(columns.lastIncludedTimeMs);
  writer.u53(columns.chunkCount).u53(columns.byteCount).block(columns.configuration);
  return crc32(writer.finish());
}

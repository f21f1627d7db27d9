import { crc32 } from 'node:zlib';
import type { HardState } from '../raft/index.js';
import type { StoredIdentity } from '../ports/log-store.port.js';
import type { LogBase } from './batch-store.js';
import { corrupt } from './storage.errors.js';

/** Of the row of a hard state. */
export function hardStateChecksum({ currentTerm, votedFor, commitIndex }: HardState): number {
  return rowChecksum([currentTerm, votedFor, commitIndex]);
}

/** Of the row of where the log begins. */
export function baseChecksum({ index, term }: LogBase): number {
  return rowChecksum([index, term]);
}

/** Of the row of whose data these are. */
export function identityChecksum({ nodeId, instanceId, clusterId, bootNumber }: StoredIdentity): number {
  return rowChecksum([nodeId, instanceId, clusterId, bootNumber]);
}

/**
 * Proves a row against what was stored with it.
 *
 * @param stored - Null where the row was last written before rows had checksums: it is taken as it is.
 * @param what - Names the row to an operator.
 * @throws StorageError CORRUPT.
 */
export function requireRowChecksum(stored: number | null, computed: number, what: string): void {
  if (stored !== null && stored !== computed) {
    throw corrupt(`${what} does not match its checksum`);
  }
}

/** CRC-32 of the values as JSON, which keeps them apart from each other and null from "null". */
function rowChecksum(values: readonly (string | number | null)[]): number {
  return crc32(JSON.stringify(values));
}

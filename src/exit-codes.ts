import { CorruptStateError, FoundingRefusedError, RescueRefusedError } from './consensus/consensus.errors.js';
import { MalformedBytesError } from './lib/bytes.js';
import { ListenError } from './listen-error.js';
import { JoinRefusedError } from './cluster/joiner.js';
import { StorageError } from './storage/storage.errors.js';
import type { StorageErrorCode } from './storage/storage.errors.js';

/** How a node ends when it cannot go on; 2 is for settings that are refused, see docs/configuration.md. */
export const exitCodes = {
  /** Anything that no other code names, a broken invariant among it. */
  failure: 1,
  /** The data directory or the Postgres server cannot be used: not there, not writable, or another process has it. */
  dataUnusable: 3,
  /** A port is in use, or the address is not of this machine or does not resolve. */
  portInUse: 4,
  /** The data or the backup are damaged, of another node, or written by a newer program: nothing was changed. */
  dataRefused: 5,
  /** The cluster refuses this node, or an empty node would found a second cluster. */
  refused: 6,
  /** The disk or the server failed under a running node: what became of the last write only a new start can tell. */
  storageFailed: 7,
} as const;

/** The code and the one line for an error that ends the process. */
export function exitCodeOf(error: unknown): { readonly exitCode: number; readonly line: string } {
  const line = error instanceof Error ? error.message : String(error);
  return { exitCode: codeOf(error), line: line.replace(/\s+/g, ' ').slice(0, 1000) };
}

function codeOf(error: unknown): number {
  if (error instanceof StorageError) {
    return storageCodes[error.code];
  }
  if (error instanceof CorruptStateError || error instanceof MalformedBytesError) {
    return exitCodes.dataRefused;
  }
  if (error instanceof FoundingRefusedError || error instanceof JoinRefusedError) {
    return exitCodes.refused;
  }
  if (error instanceof RescueRefusedError) {
    return exitCodes.dataUnusable;
  }
  return error instanceof ListenError ? exitCodes.portInUse : exitCodes.failure;
}

const storageCodes: Readonly<Record<StorageErrorCode, number>> = {
  UNUSABLE: exitCodes.dataUnusable,
  LOCKED: exitCodes.dataUnusable,
  DISCONNECTED: exitCodes.dataUnusable,
  CORRUPT: exitCodes.dataRefused,
  NEWER_VERSION: exitCodes.dataRefused,
  FOREIGN: exitCodes.dataRefused,
  IO: exitCodes.storageFailed,
  FULL: exitCodes.failure,
  CLOSED: exitCodes.failure,
};

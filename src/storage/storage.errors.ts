import { replaceAdvice } from '../lib/replace-advice.js';
import type { PassingError } from '../ports/outage.js';

/**
 * - `UNUSABLE`: the directory or its settings do not allow durable writes.
 * - `LOCKED`: another process holds the data.
 * - `CORRUPT`: what is stored contradicts itself or its checksums.
 * - `NEWER_VERSION`: written by a later version of this program.
 * - `FOREIGN`: the data of another node.
 * - `FULL`: no space; what was asked for did not happen.
 * - `DISCONNECTED`: the database server cannot be reached; whether the write under way is durable, only a new
 *   connection can tell.
 * - `IO`: the disk or the worker failed; whether the write is durable is unknown, so the process must exit.
 * - `CLOSED`: not open, or closed.
 */
export type StorageErrorCode =
  'UNUSABLE' | 'LOCKED' | 'CORRUPT' | 'NEWER_VERSION' | 'FOREIGN' | 'FULL' | 'DISCONNECTED' | 'IO' | 'CLOSED';

const outageCodes: readonly StorageErrorCode[] = ['FULL', 'DISCONNECTED'];

/** The storage refused or failed. The message is one line and says what to do. */
export class StorageError extends Error implements PassingError {
  readonly isOutage: boolean;
  readonly isFull: boolean;

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message.replace(/\s*\n\s*/g, ' '), options);
    this.name = 'StorageError';
    this.isOutage = outageCodes.includes(code);
    this.isFull = code === 'FULL';
  }
}

/** Data that contradict themselves; nothing of them is used. */
export function corrupt(what: string, options?: ErrorOptions): StorageError {
  return new StorageError('CORRUPT', `the stored data are damaged: ${what}; ${replaceAdvice}`, options);
}

/** Data that a later version of the program wrote. */
export function newerVersion(what: string): StorageError {
  return new StorageError(
    'NEWER_VERSION',
    `${what} was written by a newer version of raftdb; start that version again, or ${replaceAdvice}`,
  );
}

/** A store that is not open. */
export function closed(): StorageError {
  return new StorageError('CLOSED', 'the storage is not open');
}

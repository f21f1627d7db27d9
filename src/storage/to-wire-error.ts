import { toStorageError } from './classify-error.js';
import { StorageError } from './storage.errors.js';
import type { WireError } from './worker-protocol.js';

/** What was thrown in the worker as plain data. Apart from the protocol: classifying needs what only the worker loads. */
export function toWireError(thrown: unknown): WireError {
  const error = toStorageError(thrown);
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return {
    code: error instanceof StorageError ? error.code : null,
    message: error.message,
    stack: `${error.stack ?? error.message}${cause}`,
  };
}

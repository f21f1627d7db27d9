import type { StorageError } from './storage.errors.js';

/** How a store reports what its callers may not see. */
export interface StoreEvents {
  /** The data can be lived with, but an operator should know. */
  onWarning(message: string): void;
  /** Called once: the storage failed for good and the process must exit. */
  onFailure(error: StorageError): void;
}

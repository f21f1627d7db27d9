import { Injectable } from '@nestjs/common';
import { Deferred } from '../lib/deferred.js';
import type { StorageError } from './storage.errors.js';

/** Tells when the storage has failed for good: the process must then exit, and never repeat the write. */
@Injectable()
export class StorageFailure {
  private readonly deferred = new Deferred<StorageError>();

  /** Resolves with the first such error, never when there is none. */
  get happened(): Promise<StorageError> {
    return this.deferred.promise;
  }

  report(error: StorageError): void {
    this.deferred.resolve(error);
  }
}

import type { InstanceId } from '../raft/index.js';
import { toStorageError } from './classify-error.js';
import { setFilesAside } from './set-files-aside.js';
import type { StorageOptions } from './storage.module.js';

/**
 * Moves the data of an instance that is no member any more out of the way, so that the next start finds none. They are
 * kept. The stores must be closed.
 *
 * @returns Where they are now.
 * @throws StorageError when they cannot be moved; the next start goes on with what was begun.
 */
export async function setAside(options: StorageOptions, instanceId: InstanceId): Promise<string> {
  try {
    if (options.kind === 'sqlite') {
      return setFilesAside(options.dataDir, instanceId);
    }
    // Loaded where it is used, as the rest of the driver is.
    const { setSchemaAside } = await import('./set-schema-aside.js');
    return await setSchemaAside(options, instanceId);
  } catch (error) {
    throw toStorageError(error);
  }
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoredSize } from '../ports/stored-size.port.js';

/** The sizes of some files of a directory and of what SQLite keeps beside them. */
export class DirectoryStoredSize extends StoredSize {
  /** @param files - Names of databases, each of which must be there. */
  constructor(
    private readonly directory: string,
    private readonly files: readonly string[],
  ) {
    super();
  }

  override async bytes(): Promise<number | null> {
    const paths = this.files.map((file) => join(this.directory, file));
    try {
      const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size + (await walBytes(path))));
      return sizes.reduce((sum, size) => sum + size, 0);
    } catch {
      // A database that cannot be looked at, or is not there.
      return null;
    }
  }
}

/** A database that was closed has no write-ahead log. */
async function walBytes(path: string): Promise<number> {
  try {
    return (await stat(`${path}-wal`)).size;
  } catch {
    return 0;
  }
}

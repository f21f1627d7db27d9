import { statfs } from 'node:fs/promises';
import { FreeSpace } from '../ports/free-space.port.js';

/** The free space of the volume that holds a directory, for users without privileges. */
export class DirectoryFreeSpace extends FreeSpace {
  constructor(private readonly directory: string) {
    super();
  }

  override async bytes(): Promise<number | null> {
    try {
      const { bavail, bsize } = await statfs(this.directory);
      return bavail * bsize;
    } catch {
      // The directory does not exist yet, or the system cannot tell: nothing is refused for that.
      return null;
    }
  }
}

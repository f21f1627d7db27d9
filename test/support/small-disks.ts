import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Size of a small disk: room for a few minutes of a run with a compacted log. */
const diskMib = 64;

/** What stays free of a disk that is filled, in bytes: less than one more batch of the log. */
const leftBytes = 4096;

/** Disks that can be filled: one tmpfs a node. Mounting needs privileges. */
export class SmallDisks {
  private readonly mounted: string[] = [];

  /** Whether this machine lets us mount file systems; where it does not, what is left out is said. */
  static async areAllowed(): Promise<boolean> {
    const disks = new SmallDisks();
    const folder = await mkdtemp(join(tmpdir(), 'raftdb-mount-'));
    const isAllowed = await disks.mount(folder);
    await disks.unmount();
    await rm(folder, { recursive: true });
    if (!isAllowed) {
      console.warn('this machine lets no file system be mounted: tests with small disks are left out');
    }
    return isAllowed;
  }

  /** Mounts a small disk at `folder`. @returns False where this machine does not allow it. */
  async mount(folder: string): Promise<boolean> {
    await mkdir(folder, { recursive: true });
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMib}m`, 'raftdb-chaos', folder]);
    } catch {
      return false;
    }
    this.mounted.push(folder);
    return true;
  }

  get count(): number {
    return this.mounted.length;
  }

  /** Takes the space of the disk at `folder` but for a few bytes. */
  async fill(folder: string, bytesLeft = leftBytes): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    const bytes = Math.max(0, bavail * bsize - bytesLeft);
    await appendFile(join(folder, 'filler'), Buffer.alloc(bytes)).catch(() => undefined);
  }

  async free(folder: string): Promise<void> {
    await rm(join(folder, 'filler'), { force: true });
  }

  async unmount(): Promise<void> {
    for (const folder of this.mounted.splice(0)) {
      await run('umount', ['--lazy', folder]).catch(() => undefined);
    }
  }
}

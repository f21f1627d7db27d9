import type { RestoreCommand } from '../state-machine/index.js';
import { BackupReader } from './backup-file.js';

/** Bytes of keys in one step; a larger block goes alone. Applying them takes a few milliseconds. */
const stepBytes = 256 * 1024;

/**
 * Turns a backup into the commands that restore it, piece by piece.
 *
 * Every method throws MalformedBytesError where the bytes are no whole and sound backup.
 */
export class RestoreSteps {
  private readonly reader = new BackupReader();
  private blocks: Uint8Array[] = [];
  private bytes = 0;
  private chunks = 0;
  private begun = false;

  /**
   * @param id - Names the restore.
   * @param bump - The revision goes up by this, above the backup's and the store's.
   */
  constructor(
    private readonly id: string,
    private readonly bump: number,
  ) {}

  /** Keys so far. */
  get keyCount(): number {
    return this.reader.keyCount;
  }

  /** Of how many; null before the header was read. */
  get keyTotal(): number | null {
    return this.reader.header?.keyCount ?? null;
  }

  /** Whether any step was given out. */
  get hasBegun(): boolean {
    return this.begun;
  }

  /** SHA-256 of the whole backup, once the last step was taken. */
  get digest(): Uint8Array {
    return this.reader.digest;
  }

  /** @returns The steps that a piece completes. */
  *add(piece: Uint8Array): Generator<RestoreCommand, void> {
    for (const block of this.reader.add(piece)) {
      if (this.bytes > 0 && this.bytes + block.length > stepBytes) {
        yield* this.begin();
        yield this.chunk();
      }
      this.blocks.push(block);
      this.bytes += block.length;
    }
  }

  /** The backup is over, and whole. @returns The last steps, of which the last one puts its keys in force. */
  *end(): Generator<RestoreCommand, void> {
    const { keyCount } = this.reader.end();
    yield* this.begin();
    if (this.blocks.length > 0) {
      yield this.chunk();
    }
    yield { kind: 'restore', id: this.id, step: 'commit', chunkCount: this.chunks, keyCount };
  }

  private *begin(): Generator<RestoreCommand, void> {
    if (!this.begun) {
      this.begun = true;
      const backupRevision = this.reader.header?.revision ?? 0;
      yield { kind: 'restore', id: this.id, step: 'begin', backupRevision, bump: this.bump };
    }
  }

  private chunk(): RestoreCommand {
    const records = Buffer.concat(this.blocks);
    const chunk = this.chunks;
    this.blocks = [];
    this.bytes = 0;
    this.chunks += 1;
    return { kind: 'restore', id: this.id, step: 'chunk', chunk, records };
  }
}

import { Logger } from '@nestjs/common';
import type { FreeSpace } from '../ports/free-space.port.js';

/** Free space is looked at this often, in milliseconds. */
const intervalMs = 1_000;

/** A node that had too little leaves that state only with this part of the reserve on top, or it would flutter. */
const marginPart = 1 / 8;

/** Notices when less than the reserve of storage is free, and when it is again. */
export class StorageWatch {
  private readonly logger = new Logger('Storage');
  private readonly timer: NodeJS.Timeout;
  private isFull = false;
  private isLooking = false;

  /**
   * @param reserveBytes - Free bytes below which the storage counts as full; 0: never.
   * @param onChange - Called at each change.
   */
  constructor(
    private readonly freeSpace: FreeSpace,
    private readonly reserveBytes: number,
    private readonly onChange: (isFull: boolean) => void,
  ) {
    this.timer = setInterval(() => {
      void this.look();
    }, intervalMs);
    void this.look();
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    // A volume that hangs would otherwise collect questions.
    if (this.isLooking) {
      return;
    }
    this.isLooking = true;
    const freeBytes = await this.freeSpace.bytes();
    this.isLooking = false;
    if (freeBytes === null) {
      return;
    }
    const neededBytes = this.reserveBytes * (this.isFull ? 1 + marginPart : 1);
    const isFull = freeBytes < neededBytes;
    if (isFull !== this.isFull) {
      this.isFull = isFull;
      this.report(freeBytes);
      this.onChange(isFull);
    }
  }

  private report(freeBytes: number): void {
    const free = `${Math.floor(freeBytes / 2 ** 20)} MiB are free, the reserve is ${Math.ceil(this.reserveBytes / 2 ** 20)} MiB`;
    if (this.isFull) {
      this.logger.warn(`the storage is full: ${free}; writes other than deletes are refused`);
    } else {
      this.logger.log(`the storage has room again: ${free}`);
    }
  }
}

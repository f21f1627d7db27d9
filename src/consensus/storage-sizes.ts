import type { Clock } from '../ports/clock.port.js';
import type { FreeSpace } from '../ports/free-space.port.js';
import type { StoredSize } from '../ports/stored-size.port.js';
import { withinTime } from './within-time.js';

/** How much the data of this node take where they are stored, and how much room is left; null where nobody says. */
export interface StorageSizes {
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
}

/**
 * A size is given again for this long, in milliseconds: whoever asks often must not keep the storage busy. That there was none
 * is not: at a start, data that are not there yet are there a moment later.
 */
const ageMaxMs = 1000;

const unknownSizes: StorageSizes = { usedBytes: null, freeBytes: null };

/** Asks the storage itself, one question at a time. */
export class StorageLook {
  private latest: Promise<StorageSizes> = Promise.resolve(unknownSizes);
  private isUnderWay = false;
  private askedMs = -Infinity;

  /** @param patienceMs - How long the storage may take for its answer. */
  constructor(
    private readonly parts: { readonly storedSize: StoredSize; readonly freeSpace: FreeSpace; readonly clock: Clock },
    private readonly patienceMs: number,
  ) {}

  /** Both unknown where the storage does not answer in time. Never rejects. */
  async sizes(): Promise<StorageSizes> {
    const nowMs = this.parts.clock.nowMs();
    if (!this.isUnderWay && nowMs - this.askedMs >= ageMaxMs) {
      this.askedMs = nowMs;
      this.latest = this.ask();
    }
    return (await withinTime(this.latest, this.patienceMs)) ?? unknownSizes;
  }

  private async ask(): Promise<StorageSizes> {
    this.isUnderWay = true;
    const [usedBytes, freeBytes] = await Promise.all([this.parts.storedSize.bytes(), this.parts.freeSpace.bytes()]);
    this.isUnderWay = false;
    if (usedBytes === null) {
      this.askedMs = -Infinity;
    }
    return { usedBytes, freeBytes };
  }
}

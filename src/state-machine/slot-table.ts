import { assert, at } from '../lib/assert.js';
import type { Slot } from './slot-hash.js';
import type { RecordAddress } from './record-memory.js';

const slotsPerPage = 4096;
/** The address of a slot that stands for no key. */
const none = -1;

/** Where the record of each slot lies, as it was at one moment. */
export interface FrozenSlots {
  get(slot: Slot): RecordAddress;
}

/** Where the record of each slot lies. Kept in pages that are copied before they change, where a frozen table has them too. */
export class SlotTable implements FrozenSlots {
  private readonly pages: Float64Array[] = [];
  /** Whether a page is seen by no frozen table. */
  private readonly owned: boolean[] = [];
  private readonly vacant: Slot[] = [];
  private slotCount = 0;

  get(slot: Slot): RecordAddress {
    return addressIn(this.pages, slot);
  }

  /** A slot that stands for no key, and has no record until one is set. */
  add(): Slot {
    const vacant = this.vacant.pop();
    if (vacant !== undefined) {
      return vacant;
    }
    this.slotCount += 1;
    return this.slotCount - 1;
  }

  /** Whether the record of a slot lies at `address`. */
  holds(slot: Slot, address: RecordAddress): boolean {
    return this.pages[Math.floor(slot / slotsPerPage)]?.[slot % slotsPerPage] === address;
  }

  set(slot: Slot, address: RecordAddress): void {
    this.pageToChange(slot)[slot % slotsPerPage] = address;
  }

  /** The slot stands for no key any more, and later for another one. */
  free(slot: Slot): void {
    this.pageToChange(slot)[slot % slotsPerPage] = none;
    this.vacant.push(slot);
  }

  /** Takes time in proportion to the pages, one for {@link slotsPerPage} keys. */
  freeze(): FrozenSlots {
    this.owned.fill(false);
    const pages = [...this.pages];
    return { get: (slot) => addressIn(pages, slot) };
  }

  private pageToChange(slot: Slot): Float64Array {
    const number = Math.floor(slot / slotsPerPage);
    if (this.owned[number] !== true) {
      this.pages[number] = this.pages[number]?.slice() ?? new Float64Array(slotsPerPage);
      this.owned[number] = true;
    }
    return at(this.pages, number);
  }
}

function addressIn(pages: readonly Float64Array[], slot: Slot): RecordAddress {
  const address = at(pages, Math.floor(slot / slotsPerPage))[slot % slotsPerPage];
  assert(address !== undefined && address !== none, 'a slot stands for a key');
  return address;
}

import { assert, at } from '../lib/assert.js';
import type { Slot } from './slot-hash.js';
import type { KeyRecord, RecordReader } from './key-record.js';
import { readRecordBytes, recordBytes, RecordSlab } from './record-slab.js';
import type { RecordHead } from './record-slab.js';
import type { Hash64 } from './state-checksum.js';
import type { StoredValue } from './results.js';

/** Records begin at multiples of it, in bytes. */
const unitBytes = 8;
/** Length of a slab in bytes. */
const slabBytesMax = 1024 * 1024;
/** A record that is longer, in bytes, has a slab of its own, of its length. */
const sharingBytesMax = slabBytesMax / 8;
/** Length of the first one; each next one is as long as all before it, so that a small store takes little. */
const slabBytesMin = 16 * 1024;
const unitsPerSlab = slabBytesMax / unitBytes;
/** Slabs that are kept for later once nothing lies in them, at most. */
const spareSlabsMax = 4;
/** Garbage that is left lying, in bytes: half of what is in use, and this. The empty end of a slab is none. */
const garbageAllowance = 256 * 1024;

/** Where a record lies: the number of its slab and of the unit in it, in one integer. */
export type RecordAddress = number;

/** A slab as one memory sees it. */
interface Place {
  readonly slab: RecordSlab;
  /** Bytes taken from the front. */
  used: number;
  /** Bytes of it that are in use. */
  live: number;
  /** Whether it was seen by something frozen, which may still read from it. */
  isFrozen: boolean;
}

/** Where records are being moved out of a slab. */
interface Tidying {
  readonly number: number;
  offset: number;
}

/** Asks whether the record at `from` is that of its slot; if so, calls `to` for the address that it has from then on. */
export type MoveRecord = (slot: Slot, from: RecordAddress, to: () => RecordAddress) => void;

/** Records as they lay at one moment. */
export interface FrozenRecords {
  /** The record as key-record.ts says: a view, good for as long as the slabs are. */
  record(address: RecordAddress): Uint8Array;
}

/**
 * The records of a map, appended to slabs. What was removed stays as garbage until its slab is tidied: then the
 * records in use are moved behind the others and the slab is let go.
 *
 * What is frozen shares the slabs: nothing is ever written over in them. Others are used again: memory outside the heap is
 * given back by a collection of the whole heap alone, and a store that is written over fast would ask for one again and again.
 */
export class RecordMemory {
  private places: (Place | null)[] = [];
  /** Numbers of slabs that were let go. */
  private vacant: number[] = [];
  /** Slabs of the greatest length in which nothing lies. */
  private readonly spare: RecordSlab[] = [];
  /** The slab that records are added to. */
  private open: Place | null = null;
  private openNumber = 0;
  private tidying: Tidying | null = null;
  private heldBytes = 0;
  /** Of records in use and of garbage. */
  private usedBytes = 0;
  private bytesInUse = 0;

  /** Takes time in proportion to the number of slabs, one for each megabyte. */
  freeze(): FrozenRecords {
    const slabs = this.places.map((place) => place?.slab ?? null);
    for (const place of this.places) {
      if (place !== null) {
        place.isFrozen = true;
      }
    }
    return {
      record: (address) => {
        const slab = at(slabs, slabNumberOf(address));
        assert(slab !== null, 'a record lies in a slab that is held');
        return slab.recordAt(offsetOf(address));
      },
    };
  }

  /** Bytes of all records in use. */
  get liveBytes(): number {
    return this.bytesInUse;
  }

  /** Bytes of all slabs with a record in them. */
  get slabBytes(): number {
    return this.heldBytes;
  }

  /** @param head - With the length of the key in bytes of UTF-8. */
  add(record: KeyRecord, head: RecordHead & { readonly keyBytes: number }): RecordAddress {
    const { place, offset, address } = this.take(recordBytes(head.keyBytes, record.value.length));
    place.slab.write(offset, record, head);
    return address;
  }

  /** Like {@link add} for a record that was just read: its bytes are copied as they are. */
  addRead(record: RecordReader, head: RecordHead): RecordAddress {
    const { place, offset, address } = this.take(readRecordBytes(record));
    place.slab.writeRead(offset, record, head);
    return address;
  }

  /** The record is garbage from now on. @returns Bytes that it took. */
  remove(address: RecordAddress): number {
    const number = slabNumberOf(address);
    const place = this.placeAt(number);
    const length = aligned(place.slab.lengthAt(offsetOf(address)));
    place.live -= length;
    this.bytesInUse -= length;
    if (place.live === 0 && place !== this.open && number !== this.tidying?.number) {
      this.letGo(number, place);
    }
    return length;
  }

  /** Its value is a view, good until the next change. */
  read(address: RecordAddress): StoredValue {
    const slab = this.slabOf(address);
    const offset = offsetOf(address);
    return {
      value: slab.valueAt(offset),
      createRevision: slab.createRevisionAt(offset),
      modRevision: slab.modRevisionAt(offset),
      version: slab.versionAt(offset),
    };
  }

  hash(address: RecordAddress): Hash64 {
    return this.slabOf(address).hashAt(offsetOf(address));
  }

  createRevision(address: RecordAddress): number {
    return this.slabOf(address).createRevisionAt(offsetOf(address));
  }

  modRevision(address: RecordAddress): number {
    return this.slabOf(address).modRevisionAt(offsetOf(address));
  }

  version(address: RecordAddress): number {
    return this.slabOf(address).versionAt(offsetOf(address));
  }

  /**
   * Moves records out of the slabs with the most garbage, as long as there is too much of it.
   *
   * @param bytesMax - Records that are looked at in this call; the last one may be longer.
   * @returns Whether there may be more to do.
   */
  tidy(bytesMax: number, move: MoveRecord): boolean {
    for (let looked = 0; looked < bytesMax;) {
      this.tidying ??= this.nextToTidy();
      if (this.tidying === null) {
        return false;
      }
      looked += this.tidyOne(this.tidying, move);
    }
    return true;
  }

  /** @returns Bytes that were looked at. */
  private tidyOne(tidying: Tidying, move: MoveRecord): number {
    const { number, offset } = tidying;
    const place = this.placeAt(number);
    if (offset >= place.used || place.live === 0) {
      assert(place.live === 0, 'every record in use was moved');
      this.tidying = null;
      this.letGo(number, place);
      return 0;
    }
    const { slab } = place;
    const length = slab.lengthAt(offset);
    tidying.offset += aligned(length);
    const from = number * unitsPerSlab + offset / unitBytes;
    move(slab.slotAt(offset), from, () => {
      const taken = this.take(length);
      taken.place.slab.copy(taken.offset, { slab, offset, length });
      this.remove(from);
      return taken.address;
    });
    return length;
  }

  /** The slab with the most garbage for its length, where there is more than is allowed. */
  private nextToTidy(): Tidying | null {
    if (this.usedBytes <= this.bytesInUse * 1.5 + garbageAllowance) {
      return null;
    }
    let best: { number: number; part: number } | null = null;
    for (const [number, place] of this.places.entries()) {
      if (place !== null && place !== this.open && place.live < place.used) {
        const part = place.live / place.used;
        best = best === null || part < best.part ? { number, part } : best;
      }
    }
    return best === null ? null : { number: best.number, offset: 0 };
  }

  /** Room for a record. */
  private take(length: number): { place: Place; offset: number; address: RecordAddress } {
    const taken = aligned(length);
    const number = taken > sharingBytesMax ? this.addSlab(taken) : this.numberWithRoom(taken);
    const place = this.placeAt(number);
    const offset = place.used;
    place.used += taken;
    this.usedBytes += taken;
    place.live += taken;
    this.bytesInUse += taken;
    return { place, offset, address: number * unitsPerSlab + offset / unitBytes };
  }

  /** The slab that records are added to; another one where it has no room. */
  private numberWithRoom(bytes: number): number {
    const { open } = this;
    if (open !== null && open.used + bytes <= open.slab.length) {
      return this.openNumber;
    }
    if (open?.live === 0) {
      this.letGo(this.openNumber, open);
    }
    const length = Math.min(slabBytesMax, Math.max(slabBytesMin, this.heldBytes));
    this.openNumber = this.addSlab(Math.max(bytes, length));
    this.open = this.placeAt(this.openNumber);
    return this.openNumber;
  }

  /** @returns Its number. */
  private addSlab(length: number): number {
    const number = this.vacant.pop() ?? this.places.length;
    const slab = (length === slabBytesMax ? this.spare.pop() : undefined) ?? new RecordSlab(length);
    this.places[number] = { slab, used: 0, live: 0, isFrozen: false };
    this.heldBytes += length;
    return number;
  }

  private letGo(number: number, place: Place): void {
    this.places[number] = null;
    this.vacant.push(number);
    this.heldBytes -= place.slab.length;
    this.usedBytes -= place.used;
    if (!place.isFrozen && place.slab.length === slabBytesMax && this.spare.length < spareSlabsMax) {
      this.spare.push(place.slab);
    }
  }

  private slabOf(address: RecordAddress): RecordSlab {
    return this.placeAt(slabNumberOf(address)).slab;
  }

  private placeAt(number: number): Place {
    const place = at(this.places, number);
    assert(place !== null, 'a record lies in a slab that is held');
    return place;
  }
}

function slabNumberOf(address: RecordAddress): number {
  return Math.floor(address / unitsPerSlab);
}

function offsetOf(address: RecordAddress): number {
  return (address % unitsPerSlab) * unitBytes;
}

function aligned(length: number): number {
  return Math.ceil(length / unitBytes) * unitBytes;
}

/** A slot stands for a key for as long as it is in the map. */
export type Slot = number;

/** A power of two. A table that grows is built anew at once: many small ones spread that over time. */
const shardCount = 1024;
const shardBits = Math.log2(shardCount);

/** Places of a new shard, powers of two: usually, and at most where many forms are expected. */
const placesMin = 8;
const placesExpectedMax = 2048;
/** A shard with more of its places taken, in eighths, grows to twice as many. */
const takenEighthsMax = 5;

/**
 * Places that are looked at for a form at most. A form that finds none free is left out: whoever chooses keys that all
 * want the same place makes each of them slower to find, and by no more than this.
 */
const probesMax = 64;

/** Where nothing lies. */
const nowhere = -1;

/** Slots by form, in hash tables: quick to find and quick to fill. Some forms may be left out, see {@link leftOut}. */
export class SlotHash {
  private readonly shards: (Shard | undefined)[] = new Array<Shard | undefined>(shardCount).fill(undefined);
  private leftOutCount = 0;
  /** Places of the next new shard. */
  private newPlaces = placesMin;

  /** How many of the forms that were added are not here. */
  get leftOut(): number {
    return this.leftOutCount;
  }

  /** Forms in the largest of the tables. */
  get shardSizeMax(): number {
    return this.shards.reduce((largest, shard) => Math.max(largest, shard?.size ?? 0), 0);
  }

  /** About how many forms are going to be added: tables are made so large at once that few of them grow. */
  expect(count: number): void {
    while (this.newPlaces < placesExpectedMax && this.newPlaces * takenEighthsMax < (count / shardCount) * 8) {
      this.newPlaces *= 2;
    }
  }

  get(form: string): Slot | undefined {
    const hash = hashOf(form);
    return this.shards[shardOf(hash)]?.get(form, hash);
  }

  /** Adds a form that was not added before. */
  add(form: string, slot: Slot): void {
    const hash = hashOf(form);
    if (!this.shardWithRoom(shardOf(hash)).add({ form, hash, slot })) {
      this.leftOutCount += 1;
    }
  }

  /** Removes a form that was added. */
  delete(form: string): void {
    const hash = hashOf(form);
    if (this.shards[shardOf(hash)]?.delete(form, hash) !== true) {
      this.leftOutCount -= 1;
    }
  }

  private shardWithRoom(number: number): Shard {
    const shard = this.shards[number];
    if (shard !== undefined && !shard.isCrowded) {
      return shard;
    }
    const larger = new Shard(shard === undefined ? this.newPlaces : shard.placeCount * 2);
    this.leftOutCount += shard?.copyTo(larger) ?? 0;
    this.shards[number] = larger;
    return larger;
  }
}

/**
 * One table. A form lies in the first place that was free when it came, from the place that its hash says on; no free
 * one lies between, so a search ends there.
 */
class Shard {
  private readonly forms: (string | undefined)[];
  private readonly hashes: Int32Array;
  private readonly slots: Uint32Array;
  private taken = 0;

  /** @param placeCount - A power of two. */
  constructor(readonly placeCount: number) {
    this.forms = new Array<string | undefined>(placeCount).fill(undefined);
    this.hashes = new Int32Array(placeCount);
    this.slots = new Uint32Array(placeCount);
  }

  get size(): number {
    return this.taken;
  }

  get isCrowded(): boolean {
    return this.taken * 8 >= this.placeCount * takenEighthsMax;
  }

  get(form: string, hash: number): Slot | undefined {
    const place = this.find(form, hash);
    return place === nowhere ? undefined : this.slots[place];
  }

  /** @returns False where there is no place for it. */
  add(entry: { readonly form: string; readonly hash: number; readonly slot: Slot }): boolean {
    const { form, hash, slot } = entry;
    for (let probe = 0; probe < probesMax; probe += 1) {
      const place = this.after(homeOf(hash), probe);
      if (this.forms[place] === undefined) {
        this.forms[place] = form;
        this.hashes[place] = hash;
        this.slots[place] = slot;
        this.taken += 1;
        return true;
      }
    }
    return false;
  }

  /** @returns Whether it was here. */
  delete(form: string, hash: number): boolean {
    const place = this.find(form, hash);
    if (place === nowhere) {
      return false;
    }
    this.taken -= 1;
    this.vacate(place);
    return true;
  }

  /** @returns How many found no place there. */
  copyTo(other: Shard): number {
    let leftOut = 0;
    this.forms.forEach((form, place) => {
      if (form !== undefined && !other.add({ form, hash: this.hashes[place] ?? 0, slot: this.slots[place] ?? 0 })) {
        leftOut += 1;
      }
    });
    return leftOut;
  }

  private find(form: string, hash: number): number {
    for (let probe = 0; probe < probesMax; probe += 1) {
      const place = this.after(homeOf(hash), probe);
      const found = this.forms[place];
      if (found === undefined) {
        return nowhere;
      }
      if (this.hashes[place] === hash && found === form) {
        return place;
      }
    }
    return nowhere;
  }

  /** Makes a place free, and moves what lies behind it and would not be found any more. */
  private vacate(place: number): void {
    let free = place;
    for (let next = this.after(free, 1); this.forms[next] !== undefined; next = this.after(next, 1)) {
      const distance = this.after(next, -homeOf(this.hashes[next] ?? 0));
      if (distance >= this.after(next, -free)) {
        this.forms[free] = this.forms[next];
        this.hashes[free] = this.hashes[next] ?? 0;
        this.slots[free] = this.slots[next] ?? 0;
        free = next;
      }
    }
    this.forms[free] = undefined;
  }

  /** The place `steps` after another one, the first one after the last; also the steps from one place to another. */
  private after(place: number, steps: number): number {
    return (place + steps) & (this.placeCount - 1);
  }
}

/** FNV-1a (Fowler, Noll, Vo) over the units, then the finalizer of MurmurHash3 (Appleby 2011), public domain both. */
function hashOf(form: string): number {
  let hash = form.length;
  for (let index = 0; index < form.length; index += 1) {
    hash = Math.imul(hash ^ form.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function shardOf(hash: number): number {
  return hash & (shardCount - 1);
}

/** Where in its shard a form is looked for first, before it is cut to the places that there are. */
function homeOf(hash: number): number {
  return hash >>> shardBits;
}

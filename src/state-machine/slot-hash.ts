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

const formsPerPage = 4096;

/**
 * Slots by form, in hash tables: quick to find and quick to fill. Some forms may be left out, see {@link leftOut}.
 *
 * The tables hold numbers, and the forms lie in the order of their slots. Most forms come in that order: so the collector
 * finds those that are new side by side, and has nothing to look at in tables that are filled all over.
 */
export class SlotHash {
  private readonly forms = new FormTable();
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
    const shard = this.shards[shardOf(hash)];
    const place = shard?.find(form, { hash, forms: this.forms }) ?? nowhere;
    return place === nowhere ? undefined : shard?.slotAt(place);
  }

  /** Adds a form that was not added before, with a slot that no other one has. */
  add(form: string, slot: Slot): void {
    const hash = hashOf(form);
    if (this.shardWithRoom(shardOf(hash)).add({ hash, slot })) {
      this.forms.set(slot, form);
    } else {
      this.leftOutCount += 1;
    }
  }

  /** Removes a form that was added. */
  delete(form: string): void {
    const hash = hashOf(form);
    const shard = this.shards[shardOf(hash)];
    const place = shard?.find(form, { hash, forms: this.forms }) ?? nowhere;
    if (shard === undefined || place === nowhere) {
      this.leftOutCount -= 1;
      return;
    }
    this.forms.set(shard.slotAt(place), undefined);
    shard.vacate(place);
  }

  private shardWithRoom(number: number): Shard {
    const shard = this.shards[number];
    if (shard !== undefined && !shard.isCrowded) {
      return shard;
    }
    const larger = new Shard(shard === undefined ? this.newPlaces : shard.placeCount * 2);
    shard?.forEach((entry) => {
      if (!larger.add(entry)) {
        this.forms.set(entry.slot, undefined);
        this.leftOutCount += 1;
      }
    });
    this.shards[number] = larger;
    return larger;
  }
}

/** Forms by their slots. */
class FormTable {
  private readonly pages: ((string | undefined)[] | undefined)[] = [];

  get(slot: Slot): string | undefined {
    return this.pages[Math.floor(slot / formsPerPage)]?.[slot % formsPerPage];
  }

  /** @param form - Undefined where the slot stands for none any more. */
  set(slot: Slot, form: string | undefined): void {
    const number = Math.floor(slot / formsPerPage);
    const page = (this.pages[number] ??= new Array<string | undefined>(formsPerPage).fill(undefined));
    page[slot % formsPerPage] = form;
  }
}

/** What lies at a place of a table. */
interface Entry {
  readonly hash: number;
  readonly slot: Slot;
}

/**
 * One table. A form lies in the first place that was free when it came, from the place that its hash says on; no free
 * one lies between, so a search ends there.
 */
class Shard {
  /** Two numbers a place: the hash, and the slot with 1 added to it, 0 where the place is free. */
  private readonly cells: Int32Array;
  private taken = 0;

  /** @param placeCount - A power of two. */
  constructor(readonly placeCount: number) {
    this.cells = new Int32Array(2 * placeCount);
  }

  get size(): number {
    return this.taken;
  }

  get isCrowded(): boolean {
    return this.taken * 8 >= this.placeCount * takenEighthsMax;
  }

  /** @returns False where there is no place for it. */
  add({ hash, slot }: Entry): boolean {
    for (let probe = 0; probe < probesMax; probe += 1) {
      const place = this.after(homeOf(hash), probe);
      if (this.isFree(place)) {
        this.cells[2 * place] = hash;
        this.cells[2 * place + 1] = slot + 1;
        this.taken += 1;
        return true;
      }
    }
    return false;
  }

  /** @returns The place of a form, or {@link nowhere}. */
  find(form: string, { hash, forms }: { readonly hash: number; readonly forms: FormTable }): number {
    for (let probe = 0; probe < probesMax; probe += 1) {
      const place = this.after(homeOf(hash), probe);
      if (this.isFree(place)) {
        return nowhere;
      }
      if (this.hashAt(place) === hash && forms.get(this.slotAt(place)) === form) {
        return place;
      }
    }
    return nowhere;
  }

  slotAt(place: number): Slot {
    return (this.cells[2 * place + 1] ?? 0) - 1;
  }

  forEach(each: (entry: Entry) => void): void {
    for (let place = 0; place < this.placeCount; place += 1) {
      if (!this.isFree(place)) {
        each({ hash: this.hashAt(place), slot: this.slotAt(place) });
      }
    }
  }

  /** Makes a place free, and moves what lies behind it and would not be found any more. */
  vacate(place: number): void {
    let free = place;
    for (let next = this.after(free, 1); !this.isFree(next); next = this.after(next, 1)) {
      const distance = this.after(next, -homeOf(this.hashAt(next)));
      if (distance >= this.after(next, -free)) {
        this.cells.copyWithin(2 * free, 2 * next, 2 * next + 2);
        free = next;
      }
    }
    this.cells[2 * free + 1] = 0;
    this.taken -= 1;
  }

  private isFree(place: number): boolean {
    return this.cells[2 * place + 1] === 0;
  }

  private hashAt(place: number): number {
    return this.cells[2 * place] ?? 0;
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

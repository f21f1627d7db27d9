import { compareUnits, SortedTree } from './sorted-tree.js';

/** A power of two. A Map that grows is built anew at once: many small ones spread that over time. */
const shardCount = 1024;

/** A slot stands for a key for as long as it is in the map. */
export type Slot = number;

/** Forms of keys, as key-order.ts says, in their order, each with its slot. */
export type SortedSlots = Pick<SortedTree<string, Slot>, 'entries' | 'values' | 'size'>;

/**
 * Finds the slot of a key by its form: in a tree that keeps the order, and in hash tables, which take a tenth of the
 * time that a way down the tree takes with a million keys.
 */
export class KeyIndex {
  private readonly tree = new SortedTree<string, Slot>(undefined, compareUnits);
  private readonly shards: (Map<string, Slot> | undefined)[] = [];

  get size(): number {
    return this.tree.size;
  }

  /** Keys in the largest of the hash tables. */
  get shardSizeMax(): number {
    return this.shards.reduce((largest, shard) => Math.max(largest, shard?.size ?? 0), 0);
  }

  get(form: string): Slot | undefined {
    return this.shards[shardOf(form)]?.get(form);
  }

  /** Adds a form that is not there. */
  add(form: string, slot: Slot): void {
    (this.shards[shardOf(form)] ??= new Map<string, Slot>()).set(form, slot);
    this.tree.set(form, slot);
  }

  /** Removes a form that is there. */
  delete(form: string): void {
    this.shards[shardOf(form)]?.delete(form);
    this.tree.delete(form);
  }

  /** Removes the forms from `first` to before `end`, null: to the last one. Calls `each` for every one of them. */
  deleteRange(first: string, end: string | null, each: (slot: Slot) => void): void {
    this.forRange(first, end, (form, slot) => {
      this.shards[shardOf(form)]?.delete(form);
      each(slot);
    });
    const last = end ?? this.tree.maxKey();
    if (last !== undefined) {
      this.tree.deleteRange(first, last, end === null);
    }
  }

  /** How many forms there are from `first` to before `end`, null: to the last one. */
  count(first: string, end: string | null): number {
    return this.forRange(first, end);
  }

  /** The last form in order. */
  last(): string | undefined {
    return this.tree.maxKey();
  }

  /** Forms with their slots, from `first` on. */
  entries(first: string): IterableIterator<[string, Slot]> {
    return this.tree.entries(first);
  }

  /** The index as it is now; takes constant time. */
  freeze(): SortedSlots {
    return this.tree.clone();
  }

  private forRange(first: string, end: string | null, each?: (form: string, slot: Slot) => void): number {
    const last = end ?? this.tree.maxKey();
    return last === undefined ? 0 : this.tree.forRange(first, last, end === null, each);
  }
}

/** FNV-1a (Fowler, Noll, Vo) over the units. */
function shardOf(form: string): number {
  let hash = form.length;
  for (let index = 0; index < form.length; index += 1) {
    hash = Math.imul(hash ^ form.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (shardCount - 1);
}

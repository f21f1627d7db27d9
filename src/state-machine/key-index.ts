import { SlotHash } from './slot-hash.js';
import type { Slot } from './slot-hash.js';
import { compareUnits, SortedTree, treeAbove, treeOf } from './sorted-tree.js';

/** Forms that are appended before the tree takes them in, all at once: that takes half a millisecond. */
const runLengthMax = 8192;

/** Forms of keys, as key-order.ts says, in their order, each with its slot. */
export type SortedSlots = Pick<SortedTree<string, Slot>, 'entries' | 'values' | 'size'>;

/**
 * Finds the slot of a key by its form: in a tree that keeps the order, and in hash tables, which take a tenth of the
 * time that a way down the tree takes with a million keys. Where the two are asked for the same, the tree knows all.
 */
export class KeyIndex {
  private readonly hash = new SlotHash();
  private rooted = new SortedTree<string, Slot>(undefined, compareUnits);
  /** What was appended and is not in the tree yet. */
  private run: { readonly forms: string[]; readonly slots: Slot[] } = { forms: [], slots: [] };

  get size(): number {
    return this.rooted.size + this.run.forms.length;
  }

  /** Keys in the largest of the hash tables. */
  get shardSizeMax(): number {
    return this.hash.shardSizeMax;
  }

  /** About how many forms are going to be appended to this empty index. */
  expect(count: number): void {
    this.hash.expect(count);
  }

  get(form: string): Slot | undefined {
    return this.hash.get(form) ?? (this.hash.leftOut === 0 ? undefined : this.tree.get(form));
  }

  /** Adds a form that is not there. */
  add(form: string, slot: Slot): void {
    this.hash.add(form, slot);
    this.tree.set(form, slot);
  }

  /** Adds a form that comes after all others: a tenth of the work of {@link add}. */
  append(form: string, slot: Slot): void {
    this.hash.add(form, slot);
    this.run.forms.push(form);
    this.run.slots.push(slot);
    if (this.run.forms.length === runLengthMax) {
      this.takeRun();
    }
  }

  /** Removes a form that is there. */
  delete(form: string): void {
    this.hash.delete(form);
    this.tree.delete(form);
  }

  /** Removes the forms from `first` to before `end`, null: to the last one. Calls `each` for every one of them. */
  deleteRange(first: string, end: string | null, each: (slot: Slot) => void): void {
    this.forRange(first, end, (form, slot) => {
      this.hash.delete(form);
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
    return this.run.forms.at(-1) ?? this.rooted.maxKey();
  }

  /** Forms with their slots, from `first` on. */
  entries(first: string): IterableIterator<[string, Slot]> {
    return this.tree.entries(first);
  }

  /** The index as it is now; takes constant time. */
  freeze(): SortedSlots {
    return this.tree.clone();
  }

  /** With everything in it. */
  private get tree(): SortedTree<string, Slot> {
    if (this.run.forms.length > 0) {
      this.takeRun();
    }
    return this.rooted;
  }

  private takeRun(): void {
    const { forms, slots } = this.run;
    this.run = { forms: [], slots: [] };
    this.rooted = treeAbove(this.rooted, treeOf(forms, slots));
  }

  private forRange(first: string, end: string | null, each?: (form: string, slot: Slot) => void): number {
    const last = end ?? this.tree.maxKey();
    return last === undefined ? 0 : this.tree.forRange(first, last, end === null, each);
  }
}

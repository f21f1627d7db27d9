import { endOfPrefix, fromOrderedForm, toOrderedForm } from './key-order.js';
import type { RangeItem, RangeRequest, RangeResult, StoredValue } from './results.js';
import { compareUnits, SortedTree } from './sorted-tree.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import type { Hash64 } from './state-checksum.js';

/** About what a key takes in memory besides its texts: the record, its slot in the tree and the headers of the texts. */
export const keyOverheadBytes = 150;

/** Tells the hash of a key from those of the other parts of the state. */
const hashDomain = 1;

/** A value together with its hash, so that overwriting it need not read it again. */
interface Cell extends StoredValue, Hash64 {}

/**
 * The keys with their values and revisions, in byte order of the keys.
 *
 * Cloning takes constant time; the checksum and the size follow each change.
 */
export class VersionedMap {
  private cells = new SortedTree<string, Cell>(undefined, compareUnits);
  private sum = new Checksum();
  private textUnits = 0;

  clone(): VersionedMap {
    const copy = new VersionedMap();
    copy.cells = this.cells.clone();
    copy.sum = this.sum.clone();
    copy.textUnits = this.textUnits;
    return copy;
  }

  get keyCount(): number {
    return this.cells.size;
  }

  /** About what keys and values take in memory, in bytes: one for each UTF-16 unit and {@link keyOverheadBytes} a key. */
  get byteEstimate(): number {
    return this.textUnits + this.cells.size * keyOverheadBytes;
  }

  /** Of all keys with their values and revisions. */
  get checksum(): Hash64 {
    return this.sum.value();
  }

  get(key: string): StoredValue | undefined {
    const cell = this.cells.get(toOrderedForm(key));
    return cell && publish(cell);
  }

  modRevision(key: string): number | null {
    return this.cells.get(toOrderedForm(key))?.modRevision ?? null;
  }

  /** Writes `value` as of `revision`, which is above every revision in the map. */
  put(key: string, value: string, revision: number): void {
    const form = toOrderedForm(key);
    const old = this.cells.get(form);
    if (old !== undefined) {
      this.discount(form, old);
    }
    const createRevision = old?.createRevision ?? revision;
    this.write(form, { value, createRevision, modRevision: revision, version: (old?.version ?? 0) + 1 });
  }

  /**
   * Adds a key as it was stored.
   *
   * @returns False, and nothing is added, unless the key comes after every key of the map.
   */
  append(key: string, stored: StoredValue): boolean {
    const form = toOrderedForm(key);
    const last = this.cells.maxKey();
    if (last !== undefined && form <= last) {
      return false;
    }
    this.write(form, stored);
    return true;
  }

  /** @returns Whether there was such a key. */
  delete(key: string): boolean {
    const form = toOrderedForm(key);
    const cell = this.cells.get(form);
    if (cell === undefined) {
      return false;
    }
    this.discount(form, cell);
    return this.cells.delete(form);
  }

  /** @returns How many keys there were. */
  deletePrefix(prefix: string): number {
    const bounds = this.bounds(prefix);
    if (bounds === null) {
      return 0;
    }
    const { first, end, includeEnd } = bounds;
    this.cells.forRange(first, end, includeEnd, (form, cell) => {
      this.discount(form, cell);
    });
    return this.cells.deleteRange(first, end, includeEnd);
  }

  count(prefix: string): number {
    if (prefix === '') {
      return this.cells.size;
    }
    const bounds = this.bounds(prefix);
    return bounds === null ? 0 : this.cells.forRange(bounds.first, bounds.end, bounds.includeEnd);
  }

  range(request: RangeRequest): RangeResult {
    const { limit, unitsMax = Infinity } = request;
    const prefix = toOrderedForm(request.prefix);
    const after = toOrderedForm(request.after ?? '');
    const items: RangeItem[] = [];
    let units = 0;
    for (const [form, cell] of this.cells.entries(after > prefix ? after : prefix)) {
      if (!form.startsWith(prefix)) {
        break;
      }
      if (form === after) {
        continue;
      }
      units += form.length + cell.value.length;
      if (items.length >= limit || (items.length > 0 && units > unitsMax)) {
        return { items, next: items.at(-1)?.key ?? null };
      }
      const { value, createRevision, modRevision, version } = cell;
      items.push({ key: fromOrderedForm(form), value, createRevision, modRevision, version });
    }
    return { items, next: null };
  }

  /** Every key with what is stored, in byte order. */
  *entries(): Generator<readonly [key: string, stored: StoredValue]> {
    for (const [form, cell] of this.cells.entries()) {
      yield [fromOrderedForm(form), cell];
    }
  }

  /** The part of the tree whose keys begin with `prefix`; null where the tree is empty. */
  private bounds(prefix: string): { first: string; end: string; includeEnd: boolean } | null {
    const first = toOrderedForm(prefix);
    const end = endOfPrefix(first);
    if (end !== null) {
      return { first, end, includeEnd: false };
    }
    const last = this.cells.maxKey();
    return last === undefined ? null : { first, end: last, includeEnd: true };
  }

  private write(form: string, stored: StoredValue): void {
    const { value, createRevision, modRevision, version } = stored;
    const hash = hashCell(form, stored);
    this.cells.set(form, { value, createRevision, modRevision, version, high: hash.high, low: hash.low });
    this.sum.add(hash);
    this.textUnits += form.length + value.length;
  }

  private discount(form: string, cell: Cell): void {
    this.sum.subtract(cell);
    this.textUnits -= form.length + cell.value.length;
  }
}

/** The hash of one key in the checksum of the state. */
function hashCell(form: string, stored: StoredValue): Hash64 {
  return new EntryHasher(hashDomain)
    .text(form)
    .text(stored.value)
    .number(stored.createRevision)
    .number(stored.modRevision)
    .number(stored.version)
    .finish();
}

function publish(cell: Cell): StoredValue {
  const { value, createRevision, modRevision, version } = cell;
  return { value, createRevision, modRevision, version };
}

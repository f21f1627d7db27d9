import sortedBtree from 'sorted-btree';
import { bulkLoad } from 'sorted-btree/extended/bulkLoad.js';
import unionModule from 'sorted-btree/extended/union.js';
import { assert } from '../lib/assert.js';

/** Keys in a node at most, and children. */
const nodeLengthMax = 32;

/**
 * A B+ tree whose `clone` takes constant time: both trees share their nodes until one of them writes.
 *
 * The package is CommonJS: its default import is the module, which holds the class under `default`.
 */
export const SortedTree = sortedBtree.default;
export type SortedTree<K, V> = sortedBtree.default<K, V>;

/** The order of UTF-16 units, which is the fast one: one native comparison per step down the tree. */
export function compareUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The tree of texts that are in order, with what belongs to each: built from its leaves, in time that copying takes. */
export function treeOf<V>(keys: string[], values: V[]): SortedTree<string, V> {
  return bulkLoad(keys, values, nodeLengthMax, compareUnits);
}

/** A tree of two, every key of `upper` above those of `lower`; takes over their nodes as they are. */
export function treeAbove<V>(lower: SortedTree<string, V>, upper: SortedTree<string, V>): SortedTree<string, V> {
  return unionModule.default<SortedTree<string, V>, string, V>(lower, upper, (key) => {
    assert(false, `${key} is in one of the two trees alone`);
  });
}

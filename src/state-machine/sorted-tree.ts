import sortedBtree from 'sorted-btree';

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

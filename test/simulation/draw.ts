import { at } from '../../src/lib/assert.js';
import type { Random } from '../../src/lib/random.js';

/** One of the items, each as likely as the others. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return at(items, random.between({ from: 0, until: items.length }));
}

/** One of the items, each in proportion to its weight. */
export function pickWeighted<T>(random: Random, weighted: readonly (readonly [weight: number, item: T])[]): T {
  let left = random.fraction() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, item] of weighted) {
    left -= weight;
    if (left < 0) {
      return item;
    }
  }
  return at(weighted, weighted.length - 1)[1];
}

/** A fraction between the two. */
export function uniform(random: Random, range: { readonly from: number; readonly until: number }): number {
  return range.from + random.fraction() * (range.until - range.from);
}

/** An integer, both ends included, small ones as likely as ones ten times as large. */
export function spread(random: Random, range: { readonly from: number; readonly to: number }): number {
  const drawn = Math.exp(uniform(random, { from: Math.log(range.from), until: Math.log(range.to + 1) }));
  return Math.min(range.to, Math.floor(drawn));
}

/** Milliseconds until something that happens every `meanMs` on average, and at any moment as likely as at any other. */
export function exponential(random: Random, meanMs: number): number {
  return -Math.log(1 - random.fraction()) * meanMs;
}

/** The items in an order of its own. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  return items.map(() => at(left.splice(random.between({ from: 0, until: left.length }), 1), 0));
}

import type { PlacedSet } from './placed-set.js';

/**
 * The positions of a search that are not worth a second visit.
 *
 * A position is the completed operations that have their place, the state that they left, and the open operations that
 * were used. With the first two equal, whoever used fewer open operations can do all that the other can: a position is
 * known when one that used a part of its open operations is.
 */
export class Visited {
  /** For each text the sets of open operations, one behind the other. */
  private readonly positions = new Map<string, number[]>();

  /**
   * Notes the position.
   *
   * @param text - The completed operations and the state.
   * @returns Steps of work where the position is new; 0 where it is known.
   */
  add(text: string, open: PlacedSet): number {
    const words = open.copy();
    const known = this.positions.get(text);
    if (known === undefined) {
      this.positions.set(text, words);
      return 1;
    }
    if (words.length === 0) {
      return 0;
    }
    for (let from = 0; from < known.length; from += words.length) {
      if (words.every((word, index) => ((known[from + index] ?? 0) & ~word) === 0)) {
        return 0;
      }
    }
    known.push(...words);
    return known.length / words.length;
  }
}

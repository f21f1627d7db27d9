import { at } from '../../../src/lib/assert.js';

/** Something that showed at `end` that the store had reached a revision. */
export interface Sighting {
  readonly end: number;
  readonly revision: number;
}

/** The highest revision that had been seen before a moment: nothing that begins later may show less. */
export class Floors {
  private readonly ends: readonly number[];
  private readonly highest: readonly number[];

  constructor(sightings: readonly Sighting[]) {
    const inOrder = [...sightings].sort((left, right) => left.end - right.end);
    let highest = 0;
    this.ends = inOrder.map(({ end }) => end);
    this.highest = inOrder.map(({ revision }) => (highest = Math.max(highest, revision)));
  }

  /** 0: nothing had been seen. */
  before(moment: number): number {
    let [from, until] = [0, this.ends.length];
    while (from < until) {
      const middle = (from + until) >> 1;
      if (at(this.ends, middle) < moment) {
        from = middle + 1;
      } else {
        until = middle;
      }
    }
    return from === 0 ? 0 : at(this.highest, from - 1);
  }
}

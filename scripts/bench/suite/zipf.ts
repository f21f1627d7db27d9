import type { Random } from '../../../src/lib/random.js';

/** Draws numbers from 0 to `count - 1`, the first ones the most often: number n in proportion to 1 / (n + 1)^exponent. */
export class ZipfDraw {
  /** Of each number, the chance of it or a lower one. */
  private readonly cumulated: Float64Array;

  constructor(count: number, exponent: number) {
    this.cumulated = new Float64Array(count);
    let sum = 0;
    for (let number = 0; number < count; number += 1) {
      sum += 1 / (number + 1) ** exponent;
      this.cumulated[number] = sum;
    }
    for (let number = 0; number < count; number += 1) {
      this.cumulated[number] = (this.cumulated[number] ?? 0) / sum;
    }
  }

  next(random: Random): number {
    const wanted = random.fraction();
    let low = 0;
    let high = this.cumulated.length - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.cumulated[middle] ?? 1) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

import { describe, expect, it } from '@jest/globals';
import { ZipfDraw } from '../../scripts/bench/suite/zipf.js';
import { Random } from '../../src/lib/random.js';

const COUNT = 1000;
const EXPONENT = 0.99;
const DRAWS = 200_000;

/** How often each number is drawn, from one seed. */
function drawn(): number[] {
  const zipf = new ZipfDraw(COUNT, EXPONENT);
  const random = new Random(7);
  const times = Array.from({ length: COUNT }, () => 0);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const number = zipf.next(random);
    times[number] = (times[number] ?? NaN) + 1;
  }
  return times;
}

/** By the formula, how often a number is drawn on average. */
function expected(number: number): number {
  const weights = Array.from({ length: COUNT }, (_, each) => 1 / (each + 1) ** EXPONENT);
  return (DRAWS * (weights[number] ?? NaN)) / weights.reduce((sum, weight) => sum + weight, 0);
}

describe('ZipfDraw', () => {
  const times = drawn();

  it('draws the numbers from 0 to count - 1 and no other', () => {
    expect(times).toHaveLength(COUNT);
    expect(times.reduce((sum, count) => sum + count, 0)).toBe(DRAWS);
  });

  it.each([0, 1, 2, 9, 99])('draws number %i as often as the formula says', (number) => {
    const seen = times[number] ?? NaN;
    // Six standard deviations of a count.
    expect(Math.abs(seen - expected(number))).toBeLessThan(6 * Math.sqrt(expected(number)));
  });

  it('draws the rare half together as often as the formula says', () => {
    const rare = Array.from({ length: COUNT / 2 }, (_, place) => COUNT / 2 + place);
    const seen = rare.reduce((sum, number) => sum + (times[number] ?? 0), 0);
    const wanted = rare.reduce((sum, number) => sum + expected(number), 0);
    expect(Math.abs(seen - wanted)).toBeLessThan(6 * Math.sqrt(wanted));
  });

  it('draws the same from the same seed', () => {
    expect(drawn()).toEqual(times);
  });
});

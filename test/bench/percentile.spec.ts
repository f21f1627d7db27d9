import { describe, expect, it } from '@jest/globals';
import { median, percentile } from '../../scripts/bench/percentile.js';

const hundred = Array.from({ length: 100 }, (_, place) => place + 1);

describe('percentile', () => {
  it.each([
    [0, 1],
    [50, 51],
    [99, 100],
    [100, 100],
  ])('has %i %% of one to a hundred below it: %i', (percent, value) => {
    expect(percentile(hundred, percent)).toBe(value);
  });

  it('tells the worst of a thousand from the worst hundredth', () => {
    const values = [...Array.from({ length: 999 }, () => 1), 1000];
    expect([percentile(values, 99), percentile(values, 99.9)]).toEqual([1, 1000]);
  });

  it('is the one value there is, and no number where there is none', () => {
    expect([percentile([4], 1), percentile([4], 99)]).toEqual([4, 4]);
    expect(percentile([], 50)).toBeNaN();
  });
});

describe('median', () => {
  it('is the middle one, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('lies between the two middle ones', () => {
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  it('is no number where there is none, and leaves its values as they were', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(median([])).toBeNaN();
  });
});

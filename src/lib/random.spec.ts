import { describe, expect, it } from '@jest/globals';
import { Random } from './random.js';

function draw<T>(count: number, next: () => T): T[] {
  return Array.from({ length: count }, next);
}

describe('Random', () => {
  it('the same seed gives the same sequence for good: recorded seeds depend on it', () => {
    const random = new Random(7);
    expect(draw(5, () => random.uint32())).toEqual([210494603, 711084892, 3993689120, 4089369890, 1706118055]);
  });

  it('other seeds give other sequences, seed 0 included', () => {
    const firsts = [0, 1, 2, -1, 0x7fff_ffff].map((seed) => new Random(seed).uint32());
    expect(new Set(firsts).size).toBe(firsts.length);
    const zero = new Random(0);
    expect(new Set(draw(100, () => zero.uint32())).size).toBeGreaterThan(95);
  });

  it('between includes from and excludes until, and reaches every number', () => {
    const random = new Random(3);
    const drawn = new Set(draw(1000, () => random.between({ from: 10, until: 20 })));
    expect([...drawn].sort()).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(random.between({ from: 5, until: 6 })).toBe(5);
  });

  it('fraction stays in [0, 1), chance follows its probability', () => {
    const random = new Random(5);
    expect(draw(1000, () => random.fraction()).every((value) => value >= 0 && value < 1)).toBe(true);
    expect(draw(100, () => random.chance(0)).some(Boolean)).toBe(false);
    expect(draw(100, () => random.chance(1)).every(Boolean)).toBe(true);
    const hits = draw(10_000, () => random.chance(0.25)).filter(Boolean).length;
    expect(Math.abs(hits - 2500)).toBeLessThan(250);
  });

  it('the use of a fork does not shift the numbers of its parent', () => {
    const [left, right] = [new Random(9), new Random(9)];
    const fork = left.fork();
    right.fork();
    draw(10, () => fork.uint32());
    expect(left.uint32()).toBe(right.uint32());
  });
});

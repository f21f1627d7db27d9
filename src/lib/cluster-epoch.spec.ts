import { describe, expect, it } from '@jest/globals';
import { isLaterEpoch, nextEpoch } from './cluster-epoch.js';

const [one, other] = ['0123456789abcdef', 'fedcba9876543210'];

describe('epochs of a cluster', () => {
  it('count its rescues and tell two of the same epoch apart', () => {
    const second = nextEpoch('c1', one);
    expect([second, nextEpoch('c1', other), nextEpoch(second, other)]).toEqual([
      'c1.2-01234567',
      'c1.2-fedcba98',
      'c1.3-fedcba98',
    ]);
  });

  it.each<[string, string, boolean]>([
    ['c1.2-0a', 'c1', true],
    ['c1.3-0b', 'c1.2-0a', true],
    ['c1.10-0b', 'c1.9-0a', true],
    ['c1', 'c1', false],
    ['c1', 'c1.2-0a', false],
    ['c1.2-0b', 'c1.2-0a', false],
    ['c2.2-0a', 'c1', false],
    ['c2', 'c1', false],
  ])('%s is a later epoch of %s: %s', (clusterId, earlier, expected) => {
    expect(isLaterEpoch(clusterId, earlier)).toBe(expected);
  });
});

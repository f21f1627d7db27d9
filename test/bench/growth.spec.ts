import { describe, expect, it } from '@jest/globals';
import { keyCounts } from '../../scripts/bench/growth-series.js';
import { raftdbDialect } from '../../scripts/bench/suite/requests.js';
import { sizedWorkloads } from '../../scripts/bench/suite/workloads.js';

describe('keyCounts', () => {
  it.each([
    [1000, [1000]],
    [20_000, [1000, 10_000, 20_000]],
    [1_000_000, [1000, 10_000, 100_000, 1_000_000]],
    [3_000_000, [1000, 10_000, 100_000, 1_000_000, 3_000_000]],
  ])('goes up to %i in steps of ten', (max, counts) => {
    expect(keyCounts(max)).toEqual(counts);
  });
});

describe('sizedWorkloads', () => {
  it('asks for keys that are there, all over them, with values of the size', () => {
    const [put, get] = sizedWorkloads({ clients: 64, keys: 500, valueBytes: 4096 });
    const writes = put.requests(raftdbDialect) ?? [];
    const reads = get.requests(raftdbDialect) ?? [];
    expect(writes.every(({ body }) => body?.length === 4096)).toBe(true);
    const keysOf = (paths: readonly { readonly path: string }[]): number[] =>
      [...new Set(paths.map(({ path }) => Number(/bench-(\d+)/.exec(path)?.[1])))].sort((left, right) => left - right);
    const all = Array.from({ length: 500 }, (_, key) => key);
    expect(keysOf(writes)).toEqual(all);
    expect(keysOf(reads)).toEqual(all);
    expect(reads.every(({ path }) => path.endsWith('level=consistent'))).toBe(true);
  });
});

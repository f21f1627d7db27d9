import { describe, expect, it } from '@jest/globals';
import type { BlockResult } from '../../scripts/bench/suite/block.js';
import { goalLines, goalsOf } from '../../scripts/bench/suite/goals.js';
import type { Goal } from '../../scripts/bench/suite/goals.js';
import { figuresOf } from '../../scripts/bench/suite/results.js';
import type { WorkloadResult } from '../../scripts/bench/suite/results.js';

function block(requestsPerSecond: number, further: Partial<BlockResult> = {}): BlockResult {
  return { requestsPerSecond, p50Ms: 1, p99Ms: 2, cpuUsPerRequest: 100, ...further };
}

function result(workload: string, bySystem: Readonly<Record<string, BlockResult>>): WorkloadResult {
  const entries = Object.entries(bySystem).map(([system, figures]) => [system, figuresOf([figures])]);
  return { workload, clients: 64, keysPerRequest: 1, bySystem: Object.fromEntries(entries) as never };
}

function ratioOf(goals: readonly Goal[], words: string): number | undefined {
  return goals.find(({ name }) => name.includes(words))?.ratio;
}

describe('goalsOf', () => {
  it('divides our rate by that of etcd, of whatever version', () => {
    const goals = goalsOf([result('PUT, 64 clients', { raftdb: block(9000), 'etcd 3.5.1 (JSON)': block(3000) })], {});
    expect(ratioOf(goals, "PUT, 64 clients: etcd's rate")).toBe(3);
  });

  it('compares workloads of our own with each other', () => {
    const goals = goalsOf(
      [
        result('PUT, 64 clients', { raftdb: block(8000) }),
        result('PUT, 64 clients, all nodes', { raftdb: block(10_000) }),
        result('POST of 100 keys, 64 clients', { raftdb: block(400) }),
      ],
      {},
    );
    expect(ratioOf(goals, 'over all nodes')).toBe(1.25);
    expect(ratioOf(goals, 'POST of 100 keys: our keys')).toBe(5);
  });

  it('compares latencies, processor time and the open loop', () => {
    const goals = goalsOf(
      [
        result('PUT, 1 client', { raftdb: block(1, { p50Ms: 3 }), etcd: block(1, { p50Ms: 4 }) }),
        result('PUT, 64 clients', {
          raftdb: block(1, { cpuUsPerRequest: 200 }),
          etcd: block(1, { cpuUsPerRequest: 800 }),
        }),
      ],
      {
        raftdb: { rate: 1, requests: 1, p50Ms: 1, p99Ms: 6, p999Ms: 1 },
        'etcd 3.4': { rate: 1, requests: 1, p50Ms: 1, p99Ms: 12, p999Ms: 1 },
      },
    );
    expect(ratioOf(goals, "etcd's p50")).toBe(0.75);
    expect(ratioOf(goals, "etcd's CPU time")).toBe(0.25);
    expect(ratioOf(goals, 'open loop')).toBe(0.5);
  });

  it('leaves out what was not measured', () => {
    expect(goalsOf([], {})).toEqual([]);
    const goals = goalsOf([result('PUT, 64 clients', { raftdb: block(1), 'node:http': block(2) })], {});
    expect(goals).toEqual([]);
  });

  it('leaves out processor time where the machine does not say it', () => {
    const silent = { raftdb: block(1, { cpuUsPerRequest: null }), etcd: block(1, { cpuUsPerRequest: null }) };
    expect(ratioOf(goalsOf([result('PUT, 64 clients', silent)], {}), 'CPU')).toBeUndefined();
  });
});

describe('goalLines', () => {
  const goal = (kind: Goal['kind'], ratio: number): Goal => ({ name: 'it', kind, ratio, bound: 2 });

  it.each([
    ['atLeast', 2, 'yes', '>= 2x'],
    ['atLeast', 1.99, 'NO', '>= 2x'],
    ['atMost', 2, 'yes', '<= 2x'],
    ['atMost', 2.01, 'NO', '<= 2x'],
  ] as const)('says of %s 2 at %d: %s', (kind, ratio, reached, bound) => {
    const [, line = ''] = goalLines([goal(kind, ratio)]);
    expect(line.split(/\s{2,}/)).toEqual(['it', reached, `${ratio.toFixed(2)}x`, bound]);
  });
});

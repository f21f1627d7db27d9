import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../../linearizability/index.js';
import type { Observation } from '../workload/observation.js';
import { checkProgress, checkRun } from './check-run.js';
import type { FinalState } from './final-state.js';

const electionTimeoutMs = 1000;

function seen(operation: Operation, beside: Partial<Observation> = {}): Observation {
  return { operation, incarnation: 1, storeRevision: null, idempotencyKey: null, answers: ['200'], ...beside };
}

interface Times {
  readonly start: number;
  readonly end: number;
}

function put(key: string, value: string, revision: number | null, { start, end }: Times): Observation {
  const outcome = revision === null ? 'unknown' : 'ok';
  const output = revision === null ? undefined : { revision };
  return seen({ op: 'put', process: 'a', key, input: { value }, outcome, start, end, node: 'node01', output });
}

function get(
  level: 'stale' | 'default' | 'consistent',
  shown: { key: string; value: string | null; revision?: number; store: number },
  { start, end }: Times,
): Observation {
  const { key, value, revision, store } = shown;
  return seen(
    { op: 'get', process: 'b', key, level, outcome: 'ok', start, end, node: 'node01', output: { value, revision } },
    { storeRevision: store },
  );
}

function holding(
  nodeId: string,
  items: [key: string, value: string, modRevision: number, version?: number][],
): FinalState {
  return {
    nodeId,
    checksum: JSON.stringify(items),
    items: items.map(([key, value, modRevision, version = 1]) => ({ key, value, modRevision, version })),
  };
}

function checksOf(observations: Observation[], states: FinalState[] = []): string[] {
  return [...new Set(checkRun(observations, states, electionTimeoutMs).map(({ check }) => check))];
}

const first = put('k', 'v1', 1, { start: 0, end: 10 });
const second = put('k', 'v2', 2, { start: 20, end: 30 });
const other = put('l', 'w1', 3, { start: 40, end: 50 });

describe('the checks of a run', () => {
  it('accept what is right', () => {
    const read = get('consistent', { key: 'k', value: 'v2', revision: 2, store: 3 }, { start: 60, end: 70 });
    const items: [string, string, number][] = [
      ['k', 'v2', 2],
      ['l', 'w1', 3],
    ];
    expect(checksOf([first, second, other, read], [holding('node01', items), holding('node02', items)])).toEqual([]);
  });

  it('find a consistent read of an older value', () => {
    const read = get('consistent', { key: 'k', value: 'v1', revision: 1, store: 3 }, { start: 60, end: 70 });
    expect(checksOf([first, second, other, read])).toEqual(['linearizability, by zones', 'linearizability, by search']);
  });

  it('find a consistent read of a store that lags behind what another key had shown', () => {
    const read = get('consistent', { key: 'k', value: 'v2', revision: 2, store: 2 }, { start: 60, end: 70 });
    expect(checksOf([first, second, other, read])).toEqual(['revisions of consistent reads']);
  });

  it('let a default read lag one election timeout and no longer', () => {
    const shown = { key: 'k', value: 'v2', revision: 2, store: 2 };
    expect(checksOf([first, second, other, get('default', shown, { start: 900, end: 910 })])).toEqual([]);
    expect(checksOf([first, second, other, get('default', shown, { start: 1200, end: 1210 })])).toEqual([
      'revisions of default reads',
    ]);
  });

  it('find stale reads of one process that go back, and none over a restart', () => {
    const late = get('stale', { key: 'k', value: 'v2', revision: 2, store: 3 }, { start: 60, end: 70 });
    const early = get('stale', { key: 'k', value: 'v1', revision: 1, store: 1 }, { start: 80, end: 90 });
    expect(checksOf([first, second, other, late, early])).toEqual(['revisions of stale reads']);
    expect(checksOf([first, second, other, late, { ...early, incarnation: 2 }])).toEqual([]);
  });

  it('find a write that was answered as not done and was seen', () => {
    const refused = seen({
      op: 'put',
      process: 'a',
      key: 'k',
      input: { value: 'v3' },
      outcome: 'fail',
      start: 40,
      end: 50,
    });
    const read = get('stale', { key: 'k', value: 'v3', revision: 3, store: 3 }, { start: 60, end: 70 });
    expect(checksOf([first, second, refused, read])).toEqual(['refused writes']);
  });

  it('find a value that nobody wrote', () => {
    const read = get('stale', { key: 'k', value: 'v9', revision: 2, store: 2 }, { start: 60, end: 70 });
    expect(checksOf([first, second, read])).toEqual(['values']);
  });

  it('find a repeated write that had two effects', () => {
    const read = get('stale', { key: 'k', value: 'v1', revision: 3, store: 3 }, { start: 60, end: 70 });
    expect(checksOf([first, read])).toContain('effects of a write');
    const twice = put('once/a-1', 'a-1', 3, { start: 40, end: 50 });
    expect(checksOf([twice], [holding('node01', [['once/a-1', 'a-1', 3, 2]])])).toEqual(['effects of a write']);
  });

  it('find two writes of one revision', () => {
    expect(checksOf([first, put('l', 'w2', 1, { start: 5, end: 15 })])).toEqual(['revisions of writes']);
  });

  it('find an acknowledged write that a node does not hold', () => {
    const whole = holding('node01', [
      ['k', 'v2', 2],
      ['l', 'w1', 3],
    ]);
    expect(checksOf([first, second, other], [whole, holding('node02', [['k', 'v2', 2]])])).toEqual([
      'replicas differ',
      'lost write',
    ]);
    const older = holding('node01', [
      ['k', 'v1', 1],
      ['l', 'w1', 3],
    ]);
    expect(checksOf([first, second, other], [older])).toEqual(['lost write']);
  });

  it('take a later write of unknown outcome, also a removal, for what replaced an acknowledged one', () => {
    const unknown = put('k', 'v3', null, { start: 40, end: 50 });
    expect(checksOf([first, second, unknown], [holding('node01', [['k', 'v3', 3]])])).toEqual([]);
    const removal = seen({ op: 'delete', process: 'a', key: 'k', outcome: 'unknown', start: 40, end: 50 });
    expect(checksOf([first, second, removal], [holding('node01', [])])).toEqual([]);
    expect(checksOf([first, second], [holding('node01', [])])).toEqual(['lost write']);
  });

  it('find nodes whose states differ in nothing but what they remember', () => {
    const state = holding('node01', [['k', 'v2', 2]]);
    expect(checksOf([first, second], [state, { ...state, nodeId: 'node02', checksum: 'other' }])).toEqual([
      'replicas differ',
    ]);
  });

  it('find the same in the middle of a run', () => {
    const read = get('consistent', { key: 'k', value: 'v1', revision: 1, store: 3 }, { start: 60, end: 70 });
    expect(checkProgress([first, second, other, read], electionTimeoutMs)).not.toEqual([]);
    expect(checkProgress([first, second, other], electionTimeoutMs)).toEqual([]);
  });
});

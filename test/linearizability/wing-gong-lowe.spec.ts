import { describe, expect, test } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import { checkLinearizable } from './check-linearizable.js';
import { describeViolation } from './excerpt.js';
import type { Operation, Value } from './history.js';
import { registerModel } from './models/register.js';

interface Span {
  readonly start: number;
  readonly end: number;
  readonly key?: string;
}

function put(value: Value, { start, end, key = 'a' }: Span): Operation {
  return { process: 1, op: 'put', key, input: { value }, outcome: 'ok', start, end };
}

function get(value: Value | null, { start, end, key = 'a' }: Span): Operation {
  return { process: 2, op: 'get', key, outcome: 'ok', output: { value }, start, end };
}

/** Appends that all run at once and a read that shows an order of none of them: only trying all orders refutes it. */
function hardKey(key: string, appends: number): Operation[] {
  const together = Array.from({ length: appends }, (_, index): Operation => {
    return { process: index, op: 'append', key, input: { value: `<${index}>` }, outcome: 'ok', start: 0, end: 100 };
  });
  return [...together, get('<none of them>', { start: 200, end: 201, key })];
}

describe('checkLinearizable', () => {
  test('accepts an empty history', () => {
    expect(checkLinearizable([])).toMatchObject({ verdict: 'linearizable', operations: 0, keys: 0, violation: null });
  });

  test('gives up when the steps are used up', () => {
    const report = checkLinearizable(hardKey('hard', 16), { stepsMax: 5_000 });
    expect(report).toMatchObject({ verdict: 'undecided', undecidedKeys: ['hard'], violation: null });
    expect(report.steps).toBeGreaterThanOrEqual(5_000);
    expect(report.steps).toBeLessThan(10_000);
  });

  test('finds the guilty key beside one whose search would not end', () => {
    const guilty = [put('x', { start: 0, end: 1, key: 'guilty' }), get(null, { start: 2, end: 3, key: 'guilty' })];
    const report = checkLinearizable([...hardKey('hard', 30), ...guilty]);
    expect(report.verdict).toBe('not linearizable');
    expect(report.violation?.key).toBe('guilty');
    expect(report.steps).toBeLessThan(100_000);
  });

  test('an order of many overlapping operations is found without trying all', () => {
    const writes = Array.from({ length: 40 }, (_, index) => put(index, { start: 0, end: 100 }));
    const reads = Array.from({ length: 40 }, (_, index) => get(39 - index, { start: index, end: 100 + index }));
    const report = checkLinearizable([...writes, ...reads]);
    expect(report.verdict).toBe('linearizable');
    expect(report.steps).toBeLessThan(1_000_000);
  });

  test('unknown writes that nobody saw cost little', () => {
    const lost = Array.from({ length: 60 }, (_, index): Operation => {
      return {
        process: index,
        op: 'put',
        key: 'a',
        input: { value: `u${index}` },
        outcome: 'unknown',
        start: 0,
        end: null,
      };
    });
    const seen = Array.from({ length: 100 }, (_, index) => put(index, { start: 10 * index, end: 10 * index + 9 }));
    const report = checkLinearizable([...lost, ...seen, get(99, { start: 2_000, end: 2_001 })]);
    expect(report.verdict).toBe('linearizable');
    expect(report.steps).toBeLessThan(100_000);
  });

  test('a violation names the operation whose answer broke the history, and what stood before it', () => {
    const history = [
      put('x', { start: 0, end: 1 }),
      put('y', { start: 2, end: 3 }),
      get('y', { start: 4, end: 5 }),
      get('x', { start: 6, end: 7 }),
      put('z', { start: 8, end: 9 }),
      get('z', { start: 10, end: 11 }),
    ];
    const { violation } = checkLinearizable(history);
    expect(violation?.prefix.map(({ source }) => source)).toEqual(history.slice(0, 3));
    expect(violation?.blocked.map(({ source }) => source)).toEqual([at(history, 3)]);
    expect(violation === null ? '' : describeViolation(violation)).toContain('no place   [6, 7] client 2: reads "x"');
  });

  test('a history cut before the operation that broke it is linearizable', () => {
    const history = [
      put('x', { start: 0, end: 4 }),
      put('y', { start: 1, end: 9 }),
      get('y', { start: 2, end: 5 }),
      get('x', { start: 6, end: 8 }),
      get('y', { start: 7, end: 12 }),
      get('x', { start: 13, end: 14 }),
    ];
    const blocked = checkLinearizable(history).violation?.blocked[0]?.source;
    expect(blocked).toEqual(at(history, 4));
    const before = history.filter((operation) => operation !== blocked && (operation.end ?? 0) < 12);
    expect(checkLinearizable(before).verdict).toBe('linearizable');
  });

  test('another model can be given', () => {
    expect(checkLinearizable([get(5, { start: 0, end: 1 })], { model: registerModel(5) }).verdict).toBe('linearizable');
    expect(checkLinearizable([get(5, { start: 0, end: 1 })], { model: registerModel(4) }).verdict).toBe(
      'not linearizable',
    );
  });

  test('an answer without time, and a refusal without condition, are errors', () => {
    const endless = { ...put('x', { start: 0, end: 1 }), end: null };
    const refused: Operation = { ...put('x', { start: 0, end: 1 }), outcome: 'refused' };
    expect(() => checkLinearizable([endless])).toThrow(/ends at no time/);
    expect(() => checkLinearizable([refused])).toThrow(/without condition/);
  });
});

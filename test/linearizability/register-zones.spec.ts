import { describe, expect, test } from '@jest/globals';
import { Random } from '../../src/lib/random.js';
import type { Operation, Outcome, Value, WriteCondition } from './history.js';
import { checkRegisters } from './register-zones.js';
import { randomHistory } from './support/random-history.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

function put(value: Value, span: Span & WriteCondition & { revision?: number; outcome?: Outcome }): Operation {
  const { start, end, revision, outcome = 'ok', ifMatch, ifNoneMatch } = span;
  const output = revision === undefined ? {} : { output: { revision } };
  return { process: 1, op: 'put', key: 'a', input: { value, ifMatch, ifNoneMatch }, outcome, ...output, start, end };
}

function get(value: Value | null, { start, end, revision }: Span & { revision?: number }): Operation {
  return { process: 2, op: 'get', key: 'a', outcome: 'ok', output: { value, revision }, start, end };
}

function remove({ start, end, outcome = 'ok' }: Span & { outcome?: Outcome }): Operation {
  return { process: 3, op: 'delete', key: 'a', outcome, start, end };
}

describe('checkRegisters', () => {
  test('does not judge a value that is written twice, nor appends', () => {
    const twice = [put('x', { start: 0, end: 1 }), put('x', { start: 2, end: 3 })];
    expect(checkRegisters(twice)).toMatchObject({ verdict: 'undecided', undecidedKeys: ['a'], violation: null });
    const append: Operation = {
      process: 1,
      op: 'append',
      key: 'b',
      input: { value: 'x' },
      outcome: 'ok',
      start: 0,
      end: 1,
    };
    expect(checkRegisters([append]).undecidedKeys).toEqual(['b']);
  });

  test('names the operations that exclude each other', () => {
    const history = [put('x', { start: 0, end: 1 }), put('y', { start: 2, end: 3 }), get('x', { start: 4, end: 5 })];
    const { violation } = checkRegisters(history);
    expect(violation?.reason).toBe('two values hold at one time');
    expect(violation?.blocked.map(({ source }) => source)).toEqual([history[0], history[2], history[1]]);
  });

  test('an absent key that one removal explains is judged exactly', () => {
    const history = [put('x', { start: 0, end: 1 }), remove({ start: 2, end: 3 }), get(null, { start: 6, end: 7 })];
    expect(checkRegisters(history)).toMatchObject({ verdict: 'linearizable', unjudged: 0 });
    const between = [put('y', { start: 4, end: 5 }), get('y', { start: 4, end: 5 })];
    expect(checkRegisters([...history, ...between]).violation?.reason).toBe('a value disappeared that nobody removed');
  });

  test('a removal with unknown outcome that was seen takes place before what saw it', () => {
    const history = [
      put('x', { start: 0, end: 1 }),
      remove({ start: 2, end: 3, outcome: 'unknown' }),
      get(null, { start: 4, end: 5 }),
    ];
    expect(checkRegisters(history)).toMatchObject({ verdict: 'linearizable', unjudged: 0 });
    expect(checkRegisters([...history, get('x', { start: 6, end: 7 })]).verdict).toBe('not linearizable');
  });

  test('an absent key that two removals explain is only kept out of the times of values, and counted', () => {
    const history = [
      remove({ start: 0, end: 9 }),
      remove({ start: 0, end: 9 }),
      put('x', { start: 10, end: 11 }),
      get('x', { start: 20, end: 21 }),
    ];
    const apart = checkRegisters([...history, get(null, { start: 8, end: 9 })]);
    expect(apart).toMatchObject({ verdict: 'linearizable', unjudged: 1 });
    expect(checkRegisters([...history, get(null, { start: 12, end: 13 })]).verdict).toBe('not linearizable');
  });

  test('a chain of compare-and-set stands together', () => {
    const chain = [
      put('x', { start: 0, end: 1, revision: 1 }),
      put('y', { start: 0, end: 30, revision: 3, ifMatch: 1 }),
      get('y', { start: 20, end: 21, revision: 3 }),
    ];
    expect(checkRegisters(chain)).toMatchObject({ verdict: 'linearizable', unjudged: 0 });
    const between = [
      ...chain,
      put('z', { start: 5, end: 6, revision: 2 }),
      get('z', { start: 7, end: 8, revision: 2 }),
    ];
    expect(checkRegisters(between).verdict).toBe('not linearizable');
  });

  test('a compare-and-set with unknown outcome that was seen replaced what it names', () => {
    const history = [
      put('x', { start: 0, end: 1, revision: 1 }),
      put('y', { start: 2, end: 3, revision: 2, ifMatch: 1, outcome: 'unknown' }),
      get('y', { start: 8, end: 9, revision: 2 }),
      get('x', { start: 10, end: 11, revision: 1 }),
    ];
    expect(checkRegisters(history).verdict).toBe('not linearizable');
    expect(checkRegisters(history.slice(0, 3)).verdict).toBe('linearizable');
  });

  test('an unknown write that nobody saw has happened when a compare-and-set built on it', () => {
    const history: Operation[] = [
      put('x', { start: 0, end: 1 }),
      put('y', { start: 2, end: 3, outcome: 'unknown' }),
      { process: 3, op: 'cas', key: 'a', input: { expected: 'y', value: 'z' }, outcome: 'ok', start: 4, end: 5 },
    ];
    expect(checkRegisters(history)).toMatchObject({ verdict: 'linearizable', unjudged: 0 });
    expect(checkRegisters([...history, get('x', { start: 6, end: 7 })]).verdict).toBe('not linearizable');
  });

  test('conditions in a circle are refused', () => {
    const cas = (expected: string, value: string): Operation => {
      return { process: 1, op: 'cas', key: 'a', input: { expected, value }, outcome: 'ok', start: 0, end: 9 };
    };
    expect(checkRegisters([cas('x', 'y'), cas('y', 'x')]).violation?.reason).toMatch(/circle/);
  });

  test('a refusal that says what it found is a read of it', () => {
    const history = [
      put('x', { start: 0, end: 1, revision: 1 }),
      put('y', { start: 2, end: 3, revision: 2 }),
      put('z', { start: 4, end: 5, revision: 1, outcome: 'refused', ifMatch: 2 }),
    ];
    expect(checkRegisters(history).verdict).toBe('not linearizable');
  });

  test('has no limit of operations', () => {
    const shape = {
      operations: 100_000,
      processes: 20,
      keys: 2,
      uniqueValues: true,
      deletes: true,
      conditions: true,
      revisions: true,
      unknownChance: 0.02,
      durationMax: 8,
    };
    const history = randomHistory(new Random(1), shape);
    expect(checkRegisters(history).verdict).toBe('linearizable');
    const late = history.findLast((operation) => operation.op === 'get' && operation.outcome === 'ok');
    const early = history.find((operation) => operation.op === 'get' && typeof operation.output?.value === 'string');
    const changed = history.map((operation) =>
      operation === late && early?.op === 'get' ? { ...early, start: late.start, end: late.end } : operation,
    );
    expect(checkRegisters(changed).verdict).toBe('not linearizable');
  });
});

import { describe, expect, test } from '@jest/globals';
import { Problem } from './problem.js';
import { QueryParameters } from './query-parameters.js';

const known = ['prefix', 'level', 'timeout', 'redirect', 'a', 'b'];

function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
  }
  throw new Error('a problem is thrown');
}

describe('reading', () => {
  test('escapes and plus signs are decoded once', () => {
    const query = QueryParameters.parse('/key?prefix=a%2Bb+c%2525%C3%A9', known);
    expect(query.text('prefix')).toBe('a+b c%25é');
  });

  test('a value keeps further equals signs and question marks', () => {
    expect(QueryParameters.parse('/?a=b=c?d', known).text('a')).toBe('b=c?d');
  });

  test('an absent query, an empty one and a fragment hold nothing', () => {
    for (const target of ['/key', '/key?', '/key?&&', '/key?#a=1']) {
      expect(QueryParameters.parse(target, known).has('a')).toBe(false);
    }
  });

  test('an unknown name is refused and the known ones are named', () => {
    const problem = problemOf(() => QueryParameters.parse('/?x=1', ['a', 'b']));
    expect([problem.code, problem.detail]).toEqual(['INVALID_PARAMETER', 'This route takes a, b behind the path.']);
  });

  test('names of the prototype are unknown names', () => {
    expect(problemOf(() => QueryParameters.parse('/?__proto__=1', known)).code).toBe('INVALID_PARAMETER');
  });

  test.each(['a=%', 'a=%zz', 'a=%ff', '%zz=1', 'a=1&a=1'])('%s is refused', (text) => {
    expect(problemOf(() => QueryParameters.parse(`/?${text}`, known)).code).toBe('INVALID_PARAMETER');
  });
});

describe('values', () => {
  test.each([
    ['a', true],
    ['a=', true],
    ['a=TRUE', true],
    ['a=false', false],
    ['b=1', null],
  ])('the flag of %s is %s', (text, value) => {
    expect(QueryParameters.parse(`/?${text}`, known).optionalFlag('a')).toBe(value);
  });

  test.each([
    ['0', 0],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('the number %s', (text, value) => {
    const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER };
    expect(QueryParameters.parse(`/?a=${text}`, known).integer('a', bounds)).toBe(value);
  });

  test.each(['', '-1', '1.0', '1e3', ' 1', '9007199254740992', '99999999999999999999'])('%j is no number', (text) => {
    const query = QueryParameters.parse(`/?a=${encodeURIComponent(text)}`, known);
    const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER };
    expect(problemOf(() => query.integer('a', bounds)).code).toBe('INVALID_PARAMETER');
  });

  test('the canonical form knows neither order nor handling', () => {
    const one = QueryParameters.parse('/?b=2&a=%31&timeout=1s', known).canonical();
    const other = QueryParameters.parse('/?a=1&redirect=true&b=2', known).canonical();
    expect(one).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(other).toEqual(one);
  });
});

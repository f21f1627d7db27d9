import { describe, expect, test } from '@jest/globals';
import { Keyword, parseEdn } from './edn.js';

describe('parseEdn', () => {
  test('reads what histories are made of', () => {
    expect(parseEdn('7 :ok\t:read nil ; a remark')).toEqual([7, new Keyword('ok'), new Keyword('read'), null]);
    expect(parseEdn('[3 0], (1 -2.5 4N) true')).toEqual([[3, 0], [1, -2.5, 4], true]);
    expect(parseEdn('"a \\"b\\" \\\\ \\n \\u00e9 ;:"')).toEqual(['a "b" \\ \n é ;:']);
  });

  test('reads maps whatever the order and the commas', () => {
    const [map] = parseEdn('{:f :get :value nil, :key "7"}');
    expect(map).toEqual(
      new Map<string, unknown>([
        ['f', new Keyword('get')],
        ['value', null],
        ['key', '7'],
      ]),
    );
  });

  test('reads a text of a million characters', () => {
    const text = 'x'.repeat(1_000_000);
    expect(parseEdn(`"${text}"`)).toEqual([text]);
  });

  test.each([
    ['[1 2', '] is missing'],
    ['"abc', 'a text has no end'],
    ['"a\\q"', 'unknown escape'],
    ['{:a 1 :b}', 'pairs'],
    ['{:a 1 :a 2}', 'twice'],
    ['wat', 'unknown word "wat"'],
    [')', 'unexpected ")"'],
    ['90071992547409931', 'too large'],
    ['['.repeat(40), 'too deep'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseEdn(text)).toThrow(problem);
  });
});

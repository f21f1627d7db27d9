import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, encodeText } from '../lib/bytes.js';
import { scanMembers, scanValue } from './json-scanner.js';

const options = { depthMax: 128 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const raw = (...bytes: number[]): Uint8Array => Uint8Array.of(0x22, ...bytes, 0x22);
/** Each character is one byte. */
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('scanMembers', () => {
  test('gives the exact texts of the values', () => {
    const body = ' { "foo" : {"a": [1, 2.50, null]} ,\n"n":12345678901234567890,"s":\t"\\u00e9\\n" } ';
    expect(scanMembers(bytesOf(body), options)).toEqual({
      kind: 'members',
      members: [
        { key: 'foo', value: bytesOf('{"a": [1, 2.50, null]}') },
        { key: 'n', value: bytesOf('12345678901234567890') },
        { key: 's', value: bytesOf('"\\u00e9\\n"') },
      ],
    });
  });

  test('resolves the escapes of keys and normalises nothing', () => {
    const names = ['__proto__', 'constructor', '', '\u{1f600}', '\ufeff', 'é', 'e\u0301', 'a"b\\c/', '\0'];
    const body = `{${names.map((name) => `${JSON.stringify(name)}:1`).join(',')},"\\uD83D\\ude01\\/":2}`;
    expect(scanMembers(bytesOf(body), options)).toEqual({
      kind: 'members',
      members: [...names.map((key) => ({ key, value: bytesOf('1') })), { key: '\u{1f601}/', value: bytesOf('2') }],
    });
  });

  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('refuses a key twice: %s', (body, key) => {
    expect(scanMembers(bytesOf(body), options)).toEqual({ kind: 'duplicateKey', key });
  });

  test('keys inside values may repeat: the value is kept as it is', () => {
    const value = '{"a":1,"a":2}';
    const expected = { kind: 'members', members: [{ key: 'x', value: bytesOf(value) }] };
    expect(scanMembers(bytesOf(`{"x":${value}}`), options)).toEqual(expected);
  });

  test.each(['{}', ' { \r\n} '])('an object without members is told apart: %j', (body) => {
    expect(scanMembers(bytesOf(body), options)).toEqual({ kind: 'emptyObject' });
  });

  test.each(['null', '[]', '"x"', ' 123 ', '[{"a":1}]'])('JSON that is no object is told apart: %s', (body) => {
    expect(scanMembers(bytesOf(body), options)).toEqual({ kind: 'notAnObject' });
  });

  test.each([
    '',
    ' ',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{,}',
    '{"a":1 "b":2}',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '{1:1}',
    '{"a":1}x',
    '{"a":1}{"b":2}',
    '{"a":1}\0',
    '[1,',
    '/**/{"a":1}',
    '{"a":1}//',
    '\ufeff{"a":1}',
    '{"\\ud800":1}',
    '{"a":"\\udc00"}',
    'a=1&b=2',
  ])('what is no JSON is refused: %j', (body) => {
    expect(scanMembers(bytesOf(body), options)).toMatchObject({ kind: 'notJson' });
  });

  test('the object does not count for the depth of its values', () => {
    const value = '['.repeat(128) + ']'.repeat(128);
    expect(scanMembers(bytesOf(`{"a":${value}}`), options)).toMatchObject({ kind: 'members' });
    expect(scanMembers(bytesOf(`{"a":[${value}]}`), options)).toEqual({ kind: 'tooDeep', offset: 5 + 128 });
  });
});

describe('scanValue', () => {
  test.each([
    '"x"',
    '0',
    '-0',
    '2.50',
    '1e5',
    '1E+5',
    '-1.0e-05',
    'true',
    'false',
    'null',
    '[]',
    '{}',
    '[ 1 , {"a" : [ ] } ]',
  ])('gives the text of %s without the white space around it', (text) => {
    expect(scanValue(bytesOf(text), options)).toEqual({ kind: 'value', value: bytesOf(text) });
    expect(scanValue(bytesOf(` \t\r\n${text} \n`), options)).toEqual({ kind: 'value', value: bytesOf(text) });
  });

  test.each([
    ...['-', '+1', '01', '-01', '.5', '1.', '1.e5', '1e', '1e+', '0x10', 'NaN', 'Infinity', '-Infinity', '1_000', '٣'],
    ...[
      'tru',
      'truee',
      'True',
      'nul',
      'undefined',
      '"',
      '"\\',
      '"\\"',
      '"\\x"',
      '"\\u12"',
      '"\\u12g4"',
      '"\n"',
      '"\t"',
    ],
    ...[
      '"\u0000"',
      '"\u001f"',
      '[1,]',
      '[,1]',
      '[1 2]',
      '[1',
      ']',
      '[}',
      '{"a":1]',
      '\u00a01',
      '\u20281',
      '\f1',
      '1 1',
    ],
    ...[
      '"\\ud800"',
      '"\\udc00"',
      '"\\ud800x"',
      '"\\ud800\\n"',
      '"\\ud800\\u0041"',
      '"\\ud800\\ud800"',
      '"\\udc00\\ud800"',
    ],
  ])('refuses %j', (text) => {
    expect(scanValue(bytesOf(text), options)).toMatchObject({ kind: 'notJson' });
  });

  test.each([
    ['a stray continuation', raw(0x80)],
    ['an over-long NUL', raw(0xc0, 0x80)],
    ['an over-long solidus', raw(0xe0, 0x80, 0xaf)],
    ['an over-long euro sign', raw(0xf0, 0x82, 0x82, 0xac)],
    ['a surrogate', raw(0xed, 0xa0, 0x80)],
    ['a pair of surrogates', raw(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ['more than U+10FFFF', raw(0xf4, 0x90, 0x80, 0x80)],
    ['a byte that is in no UTF-8', raw(0xff)],
    ['a sequence cut by the quote', raw(0xe2, 0x82)],
    ['a sequence cut by the end', Uint8Array.of(0x22, 0xf0, 0x9f, 0x98)],
    ['Latin-1', latin1('"caf\xe9"')],
    ['UTF-16', latin1('\xff\xfe"\0')],
  ])('refuses %s', (_name, body) => {
    expect(scanValue(body, options)).toMatchObject({ kind: 'notJson' });
  });

  test('takes the first and last character of each length of UTF-8', () => {
    const text = '"\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufeff\uffff\u{10000}\u{10ffff}"';
    expect(scanValue(bytesOf(text), options)).toEqual({ kind: 'value', value: bytesOf(text) });
  });

  test('depth 0 allows scalars alone', () => {
    expect(scanValue(bytesOf('1'), { depthMax: 0 }).kind).toBe('value');
    expect(scanValue(bytesOf('[]'), { depthMax: 0 })).toEqual({ kind: 'tooDeep', offset: 0 });
  });

  test('nesting side by side is not nesting', () => {
    const text = `[${'[{}],'.repeat(500)}0]`;
    expect(scanValue(bytesOf(text), { depthMax: 3 }).kind).toBe('value');
  });

  test.each([
    ['open brackets', '['.repeat(2 ** 21), 'tooDeep'],
    ['open objects', '{"a":'.repeat(400_000), 'tooDeep'],
    ['a string that does not end', '"' + 'x'.repeat(2 ** 21), 'notJson'],
    ['a number that does not end well', '1'.repeat(2 ** 21) + '.', 'notJson'],
    ['backslashes', '"' + '\\\\'.repeat(2 ** 20), 'notJson'],
    ['white space', ' '.repeat(2 ** 21), 'notJson'],
    ['empty strings', '[' + '"",'.repeat(700_000), 'notJson'],
  ])('answers a body of 2 MiB of %s', (_name, text, kind) => {
    expect(scanValue(bytesOf(text), options).kind).toBe(kind);
    expect(scanMembers(bytesOf(text), options).kind).toBe(
      kind === 'tooDeep' && text.startsWith('{') ? 'tooDeep' : kind,
    );
  });

  test('an object of 200,000 members takes one pass', () => {
    const members = Array.from({ length: 200_000 }, (_, index) => `"${index}":0`);
    const scanned = scanMembers(bytesOf(`{${members.join(',')}}`), options);
    expect(scanned.kind === 'members' && scanned.members.length).toBe(200_000);
  });
});

describe('against JSON.parse', () => {
  const fragments = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"b"',
    '\\',
    '\\u00',
    '\\ud83d\\ude00',
    '1',
    '0',
    '-',
    '.',
    'e',
    '+',
  ];
  const broken = fc.string({
    unit: fc.constantFrom(...fragments, ' ', '\n', '\t', 'true', 'null', 'é', '\u{1f600}', '\ufeff', '\0', '/'),
    maxLength: 24,
  });
  const damaged = fc
    .record({ text: fc.json({ maxDepth: 5 }), at: fc.nat(), cut: fc.nat({ max: 3 }), put: broken })
    .map(({ text, at, cut, put }) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put.slice(0, 3) + text.slice(start + cut);
    });
  const whole = fc
    .record({ value: fc.jsonValue({ maxDepth: 8 }), space: fc.constantFrom('', '  ', '\t', '\n') })
    .map(({ value, space }) => `${space}${JSON.stringify(value, null, space)}${space}`);
  // Damage can part a surrogate from its other half, which no bytes can say: those become U+FFFD here.
  const texts = fc.oneof(whole, damaged, broken).map((text) => decodeText(encodeText(text)));

  test('both take and refuse the same texts, and mean the same values', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const scanned = scanValue(bytesOf(text), options);
        const expected = parse(text);
        const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
        expect(scanned.kind === 'value' ? decodeText(scanned.value) : scanned.kind).toBe(
          expected === null ? 'notJson' : trimmed,
        );
        expect(scanned.kind === 'value' ? parse(decodeText(scanned.value)) : null).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  test('the members are those of the object', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.constantFrom('', '\t'),
        (object, space) => {
          const scanned = scanMembers(bytesOf(JSON.stringify(object, null, space)), options);
          const members = scanned.kind === 'members' ? scanned.members : [];
          expect(scanned.kind).toBe(Object.keys(object).length === 0 ? 'emptyObject' : 'members');
          const parsed = members.map(({ key, value }) => [key, JSON.parse(decodeText(value))] as const);
          expect(new Map(parsed)).toEqual(new Map(Object.entries(JSON.parse(JSON.stringify(object)) as object)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('bytes are taken exactly where a strict decoder and JSON.parse take them', () => {
    const byte = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0x22, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xf0, 0x9f, 0x98, 0x80),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 6 }), (inside) => {
        const body = raw(...inside);
        expect(scanValue(body, options).kind).toBe(parse(decode(body)) === null ? 'notJson' : 'value');
      }),
      { numRuns: 3_000 },
    );
  });
});

/** Null where the text is refused: by JSON.parse, or by our rule that a surrogate stands in a pair. */
function parse(text: string | null): { value: unknown } | null {
  try {
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return text === null || escapesLoneSurrogate(text) ? null : { value };
  } catch {
    return null;
  }
}

/** Looks at the text, since JSON.parse drops a member whose name comes again. */
function escapesLoneSurrogate(text: string): boolean {
  const withoutBackslashes = text.replaceAll('\\\\', '');
  const withoutPairs = withoutBackslashes.replace(/\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}/gi, '');
  return /\\ud[89a-f]/i.test(withoutPairs);
}

function decode(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

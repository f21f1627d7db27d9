import { describe, expect, test } from '@jest/globals';
import { ByteWriter, encodeText, MalformedBytesError } from '../lib/bytes.js';
import { decodeCommand, encodeCommand, freesSpace } from './command-codec.js';
import type { CommandEnvelope, Condition, RestoreCommand } from './commands.js';

const conditions: (Condition | null)[] = [
  null,
  { kind: 'ifNoneMatch' },
  { kind: 'ifMatch', modRevision: null },
  { kind: 'ifMatch', modRevision: 0 },
  { kind: 'ifMatch', modRevision: Number.MAX_SAFE_INTEGER },
];
const idempotencies = [
  null,
  { key: 'k', fingerprint: 'f', retentionMs: 0 },
  { key: '~'.repeat(255), fingerprint: '!'.repeat(128), retentionMs: Number.MAX_SAFE_INTEGER },
];

const samples: CommandEnvelope[] = [
  ...conditions.map((condition) => ({
    idempotency: null,
    command: {
      kind: 'put' as const,
      entries: [{ key: '\u{1f600}', value: encodeText('"é\u{1f600}\ufeff"') }],
      condition,
    },
  })),
  ...conditions.map((condition) => ({
    idempotency: null,
    command: { kind: 'delete' as const, key: '\ufeffa', condition },
  })),
  ...idempotencies.map((idempotency) => ({
    idempotency,
    command: { kind: 'deletePrefix' as const, prefix: '' },
  })),
  {
    idempotency: null,
    command: {
      kind: 'put',
      entries: ['__proto__', 'constructor', 'é', 'e\u0301'].map((key) => ({
        key,
        value: encodeText('12345678901234567890'),
      })),
      condition: null,
    },
  },
];

const put = (key: string, value: string): CommandEnvelope => ({
  idempotency: null,
  command: { kind: 'put', entries: [{ key, value: encodeText(value) }], condition: null },
});

describe('a command', () => {
  test.each(samples)('comes back as it was (%#)', (envelope) => {
    expect(decodeCommand(encodeCommand(envelope))).toEqual(envelope);
  });

  test('has the bytes that the log holds already', () => {
    const hex = hexOf(encodeCommand({ ...put('a', '1'), idempotency: { key: 'k', fingerprint: 'f', retentionMs: 5 } }));
    expect(hex).toBe(
      '01' +
        '01' +
        '000000016b' +
        '0000000166' +
        '0000000000000005' +
        '01' +
        '00' +
        '00000001' +
        '0000000161' +
        '0000000131',
    );
  });

  test.each<[RestoreCommand, boolean]>([
    [{ kind: 'restore', id: 'r', step: 'begin', backupRevision: 7, bump: 9 }, false],
    [{ kind: 'restore', id: 'r', step: 'chunk', chunk: 3, records: Uint8Array.of(1, 2, 3) }, false],
    [{ kind: 'restore', id: 'r', step: 'commit', chunkCount: 4, keyCount: 1000 }, false],
    [{ kind: 'restore', id: 'r', step: 'abort' }, true],
  ])('a step of a restore comes back as it was, and only giving it up frees space: %j', (command, frees) => {
    const bytes = encodeCommand({ idempotency: null, command });
    expect([decodeCommand(bytes).command, freesSpace(bytes)]).toEqual([command, frees]);
  });

  test('is known to delete only, or not', () => {
    expect(samples.map((envelope) => freesSpace(encodeCommand(envelope)))).toEqual(
      samples.map(({ command }) => command.kind !== 'put'),
    );
    expect(freesSpace(new Uint8Array([1, 2, 3]))).toBe(false);
  });

  test('stays what it was while others are made', () => {
    const encoded = Array.from({ length: 500 }, (_, index) =>
      encodeCommand(put(`key-${index}`, `"${'x'.repeat(index)}"`)),
    );
    expect(encoded.map((bytes) => decodeCommand(bytes).command)).toEqual(
      encoded.map((_, index) => put(`key-${index}`, `"${'x'.repeat(index)}"`).command),
    );
  });

  test.each(samples)('is refused where it is cut, and where something follows (%#)', (envelope) => {
    const bytes = encodeCommand(envelope);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeCommand(bytes.subarray(0, length))).toThrow(MalformedBytesError);
    }
    expect(() => decodeCommand(Uint8Array.of(...bytes, 0))).toThrow(MalformedBytesError);
  });

  test.each(samples)('with a flipped bit is another valid command or refused, nothing else (%#)', (envelope) => {
    const bytes = encodeCommand(envelope);
    for (let bit = 0; bit < Math.min(bytes.length, 200) * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(outcome(() => encodeCommand(decodeCommand(damaged)))).toEqual(
        outcome(() => (decodeCommand(damaged), damaged)),
      );
    }
  });
});

describe('a command that breaks a rule is refused:', () => {
  const head = (): ByteWriter => new ByteWriter().u8(1).u8(0);

  test.each<[string, Uint8Array]>([
    ['nothing at all', new Uint8Array()],
    ['version 0', new ByteWriter().u8(0).finish()],
    ['a newer version', new ByteWriter().u8(2).u8(0).u8(3).text('').finish()],
    ['an idempotency flag of 2', new ByteWriter().u8(1).u8(2).text('k').text('f').u8(3).text('').finish()],
    ['a kind that is none', head().u8(4).text('a').finish()],
    ['a condition that is none', head().u8(2).u8(4).text('a').finish()],
    ['a put of nothing', head().u8(1).u8(0).u32(0).finish()],
    ['more entries than bytes', head().u8(1).u8(0).u32(0xffff_ffff).text('a').text('1').finish()],
    ['a condition on two keys', head().u8(1).u8(1).u32(2).text('a').text('1').text('b').text('1').finish()],
    ['a key twice', head().u8(1).u8(0).u32(2).text('a').text('1').text('a').text('2').finish()],
    ['the empty key', encodeCommand(put('', '1'))],
    ['a key of 1,025 bytes', encodeCommand(put('x'.repeat(1025), '1'))],
    ['a key with NUL', encodeCommand(put('a\0', '1'))],
    ['an empty value', encodeCommand(put('a', ''))],
    ['a key that is no UTF-8', head().u8(2).u8(0).block(Uint8Array.of(0xc0, 0x80)).finish()],
    ['a value that is no UTF-8', head().u8(1).u8(0).u32(1).text('a').block(Uint8Array.of(0xff)).finish()],
    ['a prefix with NUL', head().u8(3).text('\0').finish()],
    [
      'an idempotency key with a space',
      encodeCommand({ ...put('a', '1'), idempotency: { key: 'a b', fingerprint: 'f', retentionMs: 1 } }),
    ],
    [
      'an empty idempotency key',
      encodeCommand({ ...put('a', '1'), idempotency: { key: '', fingerprint: 'f', retentionMs: 1 } }),
    ],
    [
      'an idempotency key of 256 characters',
      encodeCommand({ ...put('a', '1'), idempotency: { key: 'k'.repeat(256), fingerprint: 'f', retentionMs: 1 } }),
    ],
    [
      'a fingerprint of 129 characters',
      encodeCommand({ ...put('a', '1'), idempotency: { key: 'k', fingerprint: 'f'.repeat(129), retentionMs: 1 } }),
    ],
  ])('%s', (_name, bytes) => {
    expect(() => decodeCommand(bytes)).toThrow(MalformedBytesError);
  });
});

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What came out, or the kind of error. */
function outcome(run: () => Uint8Array): string {
  try {
    return hexOf(run());
  } catch (error) {
    return error instanceof MalformedBytesError ? 'refused' : `failed: ${String(error)}`;
  }
}

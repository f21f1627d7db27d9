import { encodeText } from '../../src/lib/bytes.js';
import type { Random } from '../../src/lib/random.js';
import { at } from '../../src/lib/assert.js';
import type { CommandEnvelope, Condition } from '../../src/state-machine/index.js';

/** Keys that a careless store loses, mixes up or puts in the wrong order. */
export const oddKeys = [
  ...[
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '.',
    '..',
    ' ',
    'a/b',
    'é',
    'e\u0301',
    '\u0001',
    '\u007f',
    '\ufeff',
  ],
  ...[
    '\ufeffx',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
    '\u{1f600}\ufeff',
    '\u{10ffff}',
    '\u202e',
    '؜',
  ],
];

const prefixes = ['', 'k', 'k1', 'k12', '\ufeff', '\u{1f600}', '\uffff', '\u{10ffff}', '_', 'none'];
const values = ['12345678901234567890', '2.50', '"\u{1f600}\ufeff"', '{"a": [1, 2.50, null]}', '""', '"é"', 'null'];

/** How random commands are drawn. */
export interface CommandMix {
  /** Number of plain keys beside the odd ones. */
  readonly keys: number;
  /** Number of idempotency keys; 0: none is used. */
  readonly idempotencyKeys: number;
}

export function randomKey(random: Random, mix: CommandMix): string {
  return random.chance(0.3) ? pick(random, oddKeys) : `k${random.between({ from: 0, until: mix.keys })}`;
}

export function randomPrefix(random: Random): string {
  return pick(random, prefixes);
}

export function randomCommand(random: Random, mix: CommandMix): CommandEnvelope {
  const isKeyed = mix.idempotencyKeys > 0 && random.chance(0.5);
  const idempotency = {
    key: `id-${random.between({ from: 0, until: mix.idempotencyKeys })}`,
    fingerprint: random.chance(0.8) ? 'f' : 'g',
    retentionMs: random.chance(0.9) ? 400 : random.between({ from: 0, until: 800 }),
  };
  return { idempotency: isKeyed ? idempotency : null, command: randomPlainCommand(random, mix) };
}

function randomPlainCommand(random: Random, mix: CommandMix): CommandEnvelope['command'] {
  const draw = random.fraction();
  if (draw < 0.02) {
    return { kind: 'deletePrefix', prefix: randomPrefix(random) };
  }
  if (draw < 0.3) {
    return { kind: 'delete', key: randomKey(random, mix), condition: randomCondition(random) };
  }
  const count = random.chance(0.3) ? random.between({ from: 2, until: 9 }) : 1;
  const keys = new Set(Array.from({ length: count }, () => randomKey(random, mix)));
  return {
    kind: 'put',
    entries: [...keys].map((key) => ({ key, value: encodeText(pick(random, values)) })),
    condition: keys.size === 1 ? randomCondition(random) : null,
  };
}

function randomCondition(random: Random): Condition | null {
  const draw = random.fraction();
  if (draw < 0.6) {
    return null;
  }
  if (draw < 0.75) {
    return { kind: 'ifNoneMatch' };
  }
  return { kind: 'ifMatch', modRevision: draw < 0.9 ? null : random.between({ from: 0, until: 60 }) };
}

function pick<T>(random: Random, items: readonly T[]): T {
  return at(items, random.between({ from: 0, until: items.length }));
}

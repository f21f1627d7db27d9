import type { Entry } from '../../../src/raft/index.js';

/** Two lanes of 32 bits in one safe integer: the hash of a whole log up to some entry. */
export type PrefixHash = number;

const known = new WeakMap<Entry, number>();

/** The hash of a log that goes on with `entry` after `before`. */
export function extendHash(before: PrefixHash, entry: Entry): PrefixHash {
  const content = hashOf(entry);
  const low = mix(mix(before | 0, content | 0), entry.index);
  const high = mix(mix(Math.floor(before / 0x1_0000_0000), content), low);
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}

function hashOf(entry: Entry): number {
  const remembered = known.get(entry);
  if (remembered !== undefined) {
    return remembered;
  }
  let sum = mix(entry.term, entry.timeMs);
  sum = mix(sum, entry.kind.length);
  sum = mix(sum, entry.proposal?.sequence ?? -1);
  const origin = entry.proposal?.origin ?? '';
  for (let index = 0; index < origin.length; index += 1) {
    sum = mix(sum, origin.charCodeAt(index));
  }
  for (const byte of entry.data) {
    sum = mix(sum, byte);
  }
  known.set(entry, sum);
  return sum;
}

function mix(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ (word | 0), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) | 0;
}

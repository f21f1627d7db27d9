/** Longest key in bytes of UTF-8. */
export const keyBytesMax = 1024;

/** Whether a text may be a key, and why not, in words that fit into an answer to a client. */
export type KeyCheck = { readonly kind: 'valid' } | { readonly kind: 'invalid'; readonly reason: string };

const valid: KeyCheck = { kind: 'valid' };

/** A key is 1 to {@link keyBytesMax} bytes of UTF-8 without NUL; every other character is allowed, none is normalised. */
export function validateKey(key: string): KeyCheck {
  return key === '' ? invalid('A key has at least one byte.') : validatePrefix(key);
}

/** A prefix is what a key may begin with; the empty one is the prefix of all keys. */
export function validatePrefix(prefix: string): KeyCheck {
  let bytes = 0;
  for (let index = 0; index < prefix.length; index += 1) {
    const unit = prefix.charCodeAt(index);
    if (unit === 0) {
      return invalid('A key holds no NUL.');
    }
    if (isSurrogate(unit)) {
      if (!isPair(unit, prefix.charCodeAt(index + 1))) {
        return invalid('A key is well-formed Unicode: a surrogate stands in a pair.');
      }
      index += 1;
      bytes += 4;
    } else {
      bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    }
    if (bytes > keyBytesMax) {
      return invalid(`A key has at most ${keyBytesMax} bytes of UTF-8.`);
    }
  }
  return valid;
}

function invalid(reason: string): KeyCheck {
  return { kind: 'invalid', reason };
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** `low` is NaN past the end of the text, which is no low surrogate. */
function isPair(high: number, low: number): boolean {
  return high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

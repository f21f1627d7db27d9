import { compareUnits } from './sorted-tree.js';

/**
 * Keys are ordered by their UTF-8 bytes, which is the order of code points. JavaScript compares strings by UTF-16
 * units, and the two differ where a character beyond U+FFFF, written with surrogates (U+D800 to U+DFFF), meets one
 * from U+E000 to U+FFFF.
 *
 * So the tree holds keys in a form in which these two ranges of units have changed places: comparing that form by
 * units compares the keys by bytes. Nearly every key has no such unit and is its own form, found out once per call
 * by a test that costs nothing for Latin-1 texts; the many comparisons of a look-up stay native.
 */
const hasMovedUnit = /[\ud800-\uffff]/;
const movedUnits = /[\ud800-\uffff]/g;

const surrogatesFirst = 0xd800;
const privateUseFirst = 0xe000;
const surrogateCount = privateUseFirst - surrogatesFirst;
const aboveSurrogatesCount = 0x10000 - privateUseFirst;

/** Orders keys by their UTF-8 bytes: negative where `left` comes first, 0 where they are equal. */
export function compareKeys(left: string, right: string): number {
  return compareUnits(toOrderedForm(left), toOrderedForm(right));
}

/** The form of `key` that {@link compareUnits} orders by bytes. A prefix of a key has a prefix of its form. */
export function toOrderedForm(key: string): string {
  return hasMovedUnit.test(key) ? key.replace(movedUnits, lowerAboveSurrogates) : key;
}

/** The key whose {@link toOrderedForm} is `form`. */
export function fromOrderedForm(form: string): string {
  return hasMovedUnit.test(form) ? form.replace(movedUnits, raiseAboveSurrogates) : form;
}

/**
 * The lowest text that is above all forms that begin with `prefix`, itself a form.
 *
 * @returns Null where there is none: `prefix` is empty or all U+FFFF.
 */
export function endOfPrefix(prefix: string): string | null {
  for (let last = prefix.length - 1; last >= 0; last -= 1) {
    const unit = prefix.charCodeAt(last);
    if (unit < 0xffff) {
      return prefix.slice(0, last) + String.fromCharCode(unit + 1);
    }
  }
  return null;
}

function lowerAboveSurrogates(unit: string): string {
  const code = unit.charCodeAt(0);
  return String.fromCharCode(code < privateUseFirst ? code + aboveSurrogatesCount : code - surrogateCount);
}

function raiseAboveSurrogates(unit: string): string {
  const code = unit.charCodeAt(0);
  const isLowered = code < surrogatesFirst + aboveSurrogatesCount;
  return String.fromCharCode(isLowered ? code + surrogateCount : code - aboveSurrogatesCount);
}

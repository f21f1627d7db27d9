import { decodeText } from '../../src/lib/bytes.js';
import type { StoredValue } from '../../src/state-machine/index.js';

/** What was stored, its value as a text. */
export type Kept<T extends StoredValue = StoredValue> = Omit<T, 'value'> & { readonly value: string };

/** What a store shows, to be kept and compared: a value of the store itself is good only until the store changes. */
export function kept<T extends StoredValue>(stored: T): Kept<T>;
export function kept<T extends StoredValue>(stored: T | undefined): Kept<T> | undefined;
export function kept<T extends StoredValue>(stored: T | undefined): Kept<T> | undefined {
  return stored === undefined ? undefined : { ...stored, value: decodeText(stored.value) };
}

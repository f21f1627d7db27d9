import type { ByteReader } from '../lib/bytes.js';
import { MalformedBytesError, requireUtf8 } from '../lib/bytes.js';
import { valueBytesMax } from './commands.js';
import { validateKey } from './keys.js';
import type { KeyCheck } from './keys.js';

/** Reads a key of 1 to 1,024 bytes. @throws MalformedBytesError when it is none. */
export function readKey(reader: ByteReader): string {
  return requireValid(reader.text(), validateKey);
}

/**
 * Reads the text of a value, as its bytes of UTF-8: a view of the input.
 *
 * @throws MalformedBytesError when it is empty, above {@link valueBytesMax} or no UTF-8.
 */
export function readValue(reader: ByteReader): Uint8Array {
  const length = reader.u32();
  requireValueLength(length);
  const value = reader.raw(length);
  requireUtf8(value);
  return value;
}

/** @throws MalformedBytesError where a value cannot have so many bytes. */
export function requireValueLength(length: number): void {
  if (length === 0 || length > valueBytesMax) {
    throw new MalformedBytesError(`a value has ${length} bytes`);
  }
}

/** @throws MalformedBytesError where `validate` refuses the text. */
export function requireValid(text: string, validate: (text: string) => KeyCheck): string {
  const check = validate(text);
  if (check.kind === 'invalid') {
    throw new MalformedBytesError(check.reason);
  }
  return text;
}

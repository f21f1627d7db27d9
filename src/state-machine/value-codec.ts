import type { ByteReader } from '../lib/bytes.js';
import { decodeText, MalformedBytesError } from '../lib/bytes.js';
import { valueBytesMax } from './commands.js';
import { validateKey } from './keys.js';
import type { KeyCheck } from './keys.js';

/** Reads a key of 1 to 1,024 bytes. @throws MalformedBytesError when it is none. */
export function readKey(reader: ByteReader): string {
  return requireValid(reader.text(), validateKey);
}

/** Reads the text of a value. @throws MalformedBytesError when it is empty or above {@link valueBytesMax}. */
export function readValue(reader: ByteReader): string {
  const length = reader.u32();
  if (length === 0 || length > valueBytesMax) {
    throw new MalformedBytesError(`a value has ${length} bytes`);
  }
  return decodeText(reader.raw(length));
}

/** @throws MalformedBytesError where `validate` refuses the text. */
export function requireValid(text: string, validate: (text: string) => KeyCheck): string {
  const check = validate(text);
  if (check.kind === 'invalid') {
    throw new MalformedBytesError(check.reason);
  }
  return text;
}

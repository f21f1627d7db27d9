import { decodeText } from '../lib/bytes.js';

/** A text, or its bytes of UTF-8. */
export type BodyText = string | Uint8Array;

/**
 * A body whose parts are longer, in characters or bytes, is put together as bytes. A string goes into the same write as the headers, which is
 * faster while it is short; a long one is copied several times in the heap on its way.
 */
const STRING_LENGTH_MAX = 4096;

/** The body that `parts` make, each whole characters of UTF-8; bytes are copied. */
export function joinBody(parts: readonly BodyText[]): BodyText {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  return length <= STRING_LENGTH_MAX ? joinText(parts) : joinBytes(parts);
}

function joinText(parts: readonly BodyText[]): string {
  let text = '';
  for (const part of parts) {
    text += typeof part === 'string' ? part : decodeText(part);
  }
  return text;
}

function joinBytes(parts: readonly BodyText[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

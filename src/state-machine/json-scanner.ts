import { decodeText } from '../lib/bytes.js';
import { JsonCursor } from './json-cursor.js';

/** Limits of a scan. */
export interface JsonScanOptions {
  /** Arrays and objects inside each other, at most; 0 allows scalars alone. At most a few thousand: the scan recurses. */
  readonly depthMax: number;
}

/** One member of an object. */
export interface JsonMember {
  /** Its name, escapes resolved. */
  readonly key: string;
  /** Its value exactly as it was written, without the white space around it: a view of the body. */
  readonly value: Uint8Array;
}

/**
 * Why a body is refused, `offset` the byte at which that was found.
 *
 * - `notJson`: no JSON text (RFC 8259) in well-formed UTF-8, or one with a lone surrogate, escaped or not.
 * - `tooDeep`: nested deeper than allowed; what follows was not read.
 */
export interface JsonFault {
  readonly kind: 'notJson' | 'tooDeep';
  readonly offset: number;
}

export type ScannedValue = { readonly kind: 'value'; readonly value: Uint8Array } | JsonFault;

export type ScannedMembers =
  | { readonly kind: 'members'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'notAnObject' }
  | { readonly kind: 'emptyObject' }
  | { readonly kind: 'duplicateKey'; readonly key: string }
  | JsonFault;

/** Finds the exact text of the one JSON value that `body` holds, the white space around it left out, as a view. */
export function scanValue(body: Uint8Array, options: JsonScanOptions): ScannedValue {
  const cursor = new JsonCursor(body, options.depthMax);
  cursor.skipSpace();
  const start = cursor.offset;
  if (!cursor.skipValue()) {
    return faultOf(cursor);
  }
  const value = body.subarray(start, cursor.offset);
  cursor.skipSpace();
  return cursor.isAtEnd ? { kind: 'value', value } : faultOf(cursor);
}

/**
 * Finds the members of the JSON object that `body` holds.
 *
 * The object itself does not count for the depth, so that a value may be as deep here as in {@link scanValue}. Keys
 * are compared with escapes resolved. Only the outermost object's keys must differ.
 */
export function scanMembers(body: Uint8Array, options: JsonScanOptions): ScannedMembers {
  const cursor = new JsonCursor(body, options.depthMax);
  cursor.skipSpace();
  if (!cursor.take(openBrace)) {
    const other = scanValue(body, options);
    return other.kind === 'value' ? { kind: 'notAnObject' } : other;
  }
  const members: JsonMember[] = [];
  const keys = new Set<string>();
  cursor.skipSpace();
  if (!cursor.take(closeBrace)) {
    do {
      const member = scanMember(cursor, body);
      if (member === null) {
        return faultOf(cursor);
      }
      if (keys.has(member.key)) {
        return { kind: 'duplicateKey', key: member.key };
      }
      keys.add(member.key);
      members.push(member);
    } while (cursor.take(comma));
    if (!cursor.take(closeBrace)) {
      return faultOf(cursor);
    }
  }
  cursor.skipSpace();
  if (!cursor.isAtEnd) {
    return faultOf(cursor);
  }
  return members.length === 0 ? { kind: 'emptyObject' } : { kind: 'members', members };
}

const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;

/** Reads a member and the white space after it; null where there is none. */
function scanMember(cursor: JsonCursor, body: Uint8Array): JsonMember | null {
  cursor.skipSpace();
  const keyStart = cursor.offset;
  if (!cursor.skipName()) {
    return null;
  }
  const key = decodeString(body.subarray(keyStart, cursor.nameEnd));
  const valueStart = cursor.offset;
  if (!cursor.skipValue()) {
    return null;
  }
  const value = body.subarray(valueStart, cursor.offset);
  cursor.skipSpace();
  return { key, value };
}

/** @param quoted - A JSON string that was found to be one, with its quotes. */
function decodeString(quoted: Uint8Array): string {
  const text = decodeText(quoted);
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

function faultOf(cursor: JsonCursor): JsonFault {
  return { kind: cursor.isTooDeep ? 'tooDeep' : 'notJson', offset: cursor.offset };
}

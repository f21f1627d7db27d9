import { Problem } from '../http/index.js';
import { scanMembers, scanValue, valueBytesMax as storableBytesMax, valueDepthMax } from '../state-machine/index.js';
import type { JsonFault, JsonMember } from '../state-machine/index.js';
import { checkedKey } from './key-path.js';

/**
 * The keys and values of a JSON object, each value the text that was given, as a view of the body.
 *
 * @param valueBytesMax - Limit of each value in bytes.
 * @throws Problem INVALID_JSON, EMPTY_WRITE, INVALID_KEY, VALUE_TOO_LARGE.
 */
export function membersOf(body: Uint8Array, valueBytesMax: number): readonly JsonMember[] {
  const scanned = scanMembers(body, { depthMax: valueDepthMax });
  switch (scanned.kind) {
    case 'members':
      for (const { key, value } of scanned.members) {
        checkedKey(key);
        requireSize(value, valueBytesMax);
      }
      return scanned.members;
    case 'emptyObject':
      throw new Problem('EMPTY_WRITE', 'The object has no members. Send at least one key with its value.');
    case 'notAnObject':
      throw new Problem(
        'INVALID_JSON',
        'Send an object of keys with their values; PUT /key/{path} takes a bare value.',
      );
    case 'duplicateKey':
      throw new Problem('INVALID_JSON', 'A key stands in the object twice. Send each key once.');
    default:
      throw faultProblem(scanned);
  }
}

/**
 * The text of the one JSON value that is the body, as a view of it.
 *
 * @param valueBytesMax - Its limit in bytes.
 * @throws Problem INVALID_JSON, VALUE_TOO_LARGE.
 */
export function valueOf(body: Uint8Array, valueBytesMax: number): Uint8Array {
  const scanned = scanValue(body, { depthMax: valueDepthMax });
  if (scanned.kind !== 'value') {
    throw faultProblem(scanned);
  }
  requireSize(scanned.value, valueBytesMax);
  return scanned.value;
}

function requireSize(value: Uint8Array, valueBytesMax: number): void {
  const bytesMax = Math.min(valueBytesMax, storableBytesMax);
  if (value.length > bytesMax) {
    throw new Problem('VALUE_TOO_LARGE', `A value takes at most ${bytesMax} bytes. Split it over several keys.`);
  }
}

function faultProblem({ kind, offset }: JsonFault): Problem {
  return kind === 'tooDeep'
    ? new Problem(
        'INVALID_JSON',
        `At byte ${offset} the value is nested deeper than ${valueDepthMax} levels. Flatten it.`,
      )
    : new Problem('INVALID_JSON', `At byte ${offset} the body is no longer JSON in UTF-8. Send one JSON text.`);
}

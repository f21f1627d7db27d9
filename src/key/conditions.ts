import { Problem } from '../http/index.js';
import type { ApiRequest } from '../http/index.js';
import type { Condition } from '../state-machine/index.js';

const ENTITY_TAGS = /^\s*(?:W\/)?"[^"]*"\s*(?:,\s*(?:W\/)?"[^"]*"\s*)*$/;
const ONE_TAG = /^\s*(W\/)?"([^"]*)"\s*$/;
const REVISION = /^[1-9]\d{0,15}$/;

/** No key has this revision: a tag that is none of ours matches nothing. */
const NO_REVISION = 0;

/** The entity tag of a key: its `modRevision`. */
export function entityTag(modRevision: number): string {
  return `"${modRevision}"`;
}

/**
 * The condition of a write to one key: `If-Match: "41"`, `If-Match: *` or `If-None-Match: *`.
 *
 * @throws Problem INVALID_PARAMETER for both at once, several tags, or a tag without quotes.
 */
export function writeCondition(request: ApiRequest): Condition | null {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new Problem('INVALID_PARAMETER', 'Send either If-Match or If-None-Match.');
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') {
      throw new Problem(
        'INVALID_PARAMETER',
        'A write takes If-None-Match: * alone, which asks that the key is absent.',
      );
    }
    return { kind: 'ifNoneMatch' };
  }
  return ifMatch === undefined ? null : { kind: 'ifMatch', modRevision: expectedRevision(ifMatch) };
}

/**
 * States that a write to several keys comes without a condition, rather than ignoring it.
 *
 * @throws Problem INVALID_PARAMETER.
 */
export function refuseCondition(request: ApiRequest): void {
  if (request.headers['if-match'] !== undefined || request.headers['if-none-match'] !== undefined) {
    throw new Problem(
      'INVALID_PARAMETER',
      'If-Match and If-None-Match go with one key: use PUT or DELETE /key/{path}.',
    );
  }
}

/** Whether the client of a read has this version already, by its `If-None-Match`. */
export function isKnownVersion(request: ApiRequest, modRevision: number): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) {
    return false;
  }
  if (header.trim() === '*') {
    return true;
  }
  const tags: readonly string[] = ENTITY_TAGS.test(header) ? (header.match(/"[^"]*"/g) ?? []) : [];
  return tags.includes(entityTag(modRevision));
}

/** Null: any revision will do. */
function expectedRevision(header: string): number | null {
  if (header.trim() === '*') {
    return null;
  }
  const match = ONE_TAG.exec(header);
  if (match === null) {
    throw new Problem('INVALID_PARAMETER', 'Give If-Match one entity tag in quotes, as a read returned it, or *.');
  }
  const [, weak, tag = ''] = match;
  // A weak tag never matches here (RFC 9110 §13.1.1).
  return weak === undefined && REVISION.test(tag) && Number.isSafeInteger(Number(tag)) ? Number(tag) : NO_REVISION;
}

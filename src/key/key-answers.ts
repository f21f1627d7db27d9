import { joinBody, JSON_CONTENT_TYPE, Problem } from '../http/index.js';
import type { Answer, BodyText, HeaderList } from '../http/index.js';
import { decodeText } from '../lib/bytes.js';
import type { CommandResult, RangeItem, RangeResult, StoredValue } from '../state-machine/index.js';
import { entityTag } from './conditions.js';
import { idempotencyProblem } from './idempotency.js';

/** How one key is shown. */
export type KeyForm = 'plain' | 'meta' | 'raw';

const quote = 0x22;
const backslash = 0x5c;

/** Values are the clients' text: no browser may take one for a page. */
const noSniff: HeaderList = ['x-content-type-options', 'nosniff'];
const contentHeaders: HeaderList = ['content-type', JSON_CONTENT_TYPE, ...noSniff];
const textHeaders: HeaderList = ['content-type', 'text/plain; charset=utf-8', ...noSniff];

/** 200 with one key. Its value is the text that was given. */
export function keyAnswer(read: { key: string; stored: StoredValue; form: KeyForm; headers: HeaderList }): Answer {
  const { key, stored, form } = read;
  const etag = entityTag(stored.modRevision);
  const isText = form === 'raw' && stored.value[0] === quote;
  const body = joinBody(isText ? [stringContent(stored.value)] : keyParts(key, stored, form));
  const headers = [...(isText ? textHeaders : contentHeaders), ...read.headers, 'etag', etag];
  return { status: 200, headers, body };
}

/** 304: the client has this version. */
export function notModifiedAnswer(stored: StoredValue, headers: HeaderList): Answer {
  return { status: 304, headers: [...headers, 'etag', entityTag(stored.modRevision)], body: null };
}

/** 200 with a page of keys. */
export function rangeAnswer(page: {
  range: RangeResult;
  keysOnly: boolean;
  revision: number;
  headers: HeaderList;
}): Answer {
  const parts: BodyText[] = ['{"items":['];
  for (const [place, item] of page.range.items.entries()) {
    parts.push(place === 0 ? '' : ',', ...itemParts(item, page.keysOnly));
  }
  parts.push(`],"next":${JSON.stringify(page.range.next)},"revision":${page.revision}}`);
  return { status: 200, headers: [...contentHeaders, ...page.headers], body: joinBody(parts) };
}

/** 200 with a number of keys. */
export function countAnswer(count: number, revision: number, headers: HeaderList): Answer {
  return { status: 200, headers: [...contentHeaders, ...headers], body: JSON.stringify({ count, revision }) };
}

/**
 * What the command did.
 *
 * @param tagged - Whether one key was written, whose version the answer names.
 * @throws Problem CONDITION_FAILED, IDEMPOTENCY_KEY_REUSED, OVERLOADED.
 */
export function resultAnswer(result: CommandResult, tagged: boolean): Answer {
  switch (result.kind) {
    case 'written':
      return {
        status: 200,
        headers: tagged ? [...contentHeaders, 'etag', entityTag(result.revision)] : contentHeaders,
        body: `{"revision":${result.revision}}`,
      };
    case 'deleted':
      return {
        status: 200,
        headers: contentHeaders,
        body: JSON.stringify({ revision: result.revision, deleted: result.deleted }),
      };
    case 'conditionFailed':
      throw conditionFailed(result.modRevision);
    case 'idempotencyKeyReused':
    case 'idempotencyTableFull':
      throw idempotencyProblem(result.kind);
    case 'staged':
    case 'restoreRefused':
      throw new Error('a write of keys was taken for a step of a restore');
    case 'malformed':
      throw new Error('the state machine does not know a command of this program');
  }
}

function keyParts(key: string, stored: StoredValue, form: KeyForm): BodyText[] {
  switch (form) {
    case 'plain':
      return [`{${JSON.stringify(key)}:`, stored.value, '}'];
    case 'meta':
      return itemParts({ key, ...stored }, false);
    case 'raw':
      return [stored.value];
  }
}

function itemParts(item: RangeItem, keysOnly: boolean): BodyText[] {
  const { key, value, createRevision, modRevision, version } = item;
  const name = `{"key":${JSON.stringify(key)}`;
  const revisions = `,"createRevision":${createRevision},"modRevision":${modRevision},"version":${version}}`;
  return keysOnly ? [name + revisions] : [`${name},"value":`, value, revisions];
}

/** What stands in a JSON string. */
function stringContent(quoted: Uint8Array): BodyText {
  return quoted.includes(backslash) ? (JSON.parse(decodeText(quoted)) as string) : quoted.subarray(1, -1);
}

function conditionFailed(modRevision: number | null): Problem {
  return modRevision === null
    ? new Problem('CONDITION_FAILED', 'The key does not exist; nothing was changed. Read it before you decide anew.')
    : new Problem('CONDITION_FAILED', 'The key has another version; nothing was changed. Read it and decide anew.', {
        headers: ['etag', entityTag(modRevision)],
      });
}

import type { ReadLevel } from '../consensus/raft.service.js';
import { Deadline, Problem } from '../http/index.js';
import type { QueryParameters } from '../http/index.js';
import type { KeyForm } from './key-answers.js';
import { checkedPrefix } from './key-path.js';

/** Parameters of every read. */
const readParameters = ['level', 'min-revision', 'timeout', 'redirect'];

export const keyReadParameters: readonly string[] = [...readParameters, 'meta', 'raw'];
export const listParameters: readonly string[] = [
  ...readParameters,
  'prefix',
  'limit',
  'after',
  'keysOnly',
  'countOnly',
];

export const LIST_LIMIT_DEFAULT = 1000;
export const LIST_LIMIT_MAX = 10_000;

/** How fresh a read must be and how long it may wait for that. */
export interface ReadOptions {
  readonly level: ReadLevel;
  readonly minRevision: number;
  readonly deadline: Deadline;
}

export interface ListOptions {
  readonly prefix: string;
  readonly after: string | null;
  readonly limit: number;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
}

/** @throws Problem INVALID_LEVEL, INVALID_PARAMETER. */
export function readOptions(
  query: QueryParameters,
  defaultTimeoutMs: number,
  defaultLevel: ReadLevel = 'default',
): ReadOptions {
  return {
    level: readLevel(query.text('level') ?? defaultLevel),
    minRevision: query.integer('min-revision', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
    deadline: new Deadline(query.timeoutMs(defaultTimeoutMs)),
  };
}

/** @throws Problem INVALID_PARAMETER. */
export function keyForm(query: QueryParameters): KeyForm {
  const meta = query.flag('meta');
  const raw = query.flag('raw');
  if (meta && raw) {
    throw new Problem('INVALID_PARAMETER', 'Ask for meta or for raw: a raw answer is the value alone.');
  }
  return meta ? 'meta' : raw ? 'raw' : 'plain';
}

/** @throws Problem INVALID_PARAMETER, INVALID_KEY. */
export function listOptions(query: QueryParameters): ListOptions {
  const after = query.text('after');
  const countOnly = query.flag('countOnly');
  if (countOnly && ['limit', 'after', 'keysOnly'].some((name) => query.has(name))) {
    throw new Problem(
      'INVALID_PARAMETER',
      'countOnly counts all keys of the prefix: leave limit, after and keysOnly out.',
    );
  }
  return {
    prefix: checkedPrefix(query.text('prefix') ?? ''),
    after: after === null ? null : checkedPrefix(after),
    limit: query.integer('limit', { min: 1, max: LIST_LIMIT_MAX }) ?? LIST_LIMIT_DEFAULT,
    keysOnly: query.flag('keysOnly'),
    countOnly,
  };
}

function readLevel(text: string): ReadLevel {
  const level = text.trim().toLowerCase();
  switch (level) {
    case 'stale':
    case 'default':
    case 'consistent':
      return level;
    default:
      throw new Problem('INVALID_LEVEL', 'Give level=stale, level=default or level=consistent.');
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, Outcome, WriteCondition } from '../../linearizability/index.js';
import type { Client, Question, Reply } from './client.js';
import { tagOf } from './reads.js';
import { paddedValue } from './values.js';

/** Attempts at a write that can be repeated, and the longest pause between two of them. */
const attemptsMax = 8;
const pauseMaxMs = 1600;

/** How a write goes about. */
export interface WriteManner {
  /** Whether it carries an Idempotency-Key and is repeated until its outcome is known. */
  readonly isRepeatable: boolean;
  readonly paddingBytes: number;
}

/** What became of a write. */
export interface WriteEnd {
  readonly outcome: Outcome;
  /** The key's revision after it, or the one that its condition met; null where the answer did not say. */
  readonly revision: number | null;
}

/** Writes one key. */
export function putKey(
  client: Client,
  { key, condition }: { readonly key: string; readonly condition: WriteCondition },
  manner: WriteManner,
): Promise<WriteEnd> {
  const value = client.nextWriteName();
  const question: Question = {
    kind: isConditional(condition) ? 'conditionalWrite' : 'write',
    method: 'PUT',
    path: `/key/${key}`,
    headers: headersOf(condition),
    body: JSON.stringify(paddedValue(value, manner.paddingBytes)),
  };
  return write(client, question, manner, (end) => ({
    ...end.base,
    op: 'put',
    key,
    input: { value, ...condition },
    output: end.output,
  }));
}

/** Removes one key. */
export function deleteKey(
  client: Client,
  { key, condition }: { readonly key: string; readonly condition: WriteCondition },
  manner: WriteManner,
): Promise<WriteEnd> {
  const question: Question = {
    kind: isConditional(condition) ? 'conditionalWrite' : 'write',
    method: 'DELETE',
    path: `/key/${key}`,
    headers: headersOf(condition),
  };
  return write(client, question, manner, (end) => ({
    ...end.base,
    op: 'delete',
    key,
    input: condition,
    output: end.output === undefined ? undefined : { ...end.output, deleted: deletedOf(end.reply) },
  }));
}

/**
 * Writes several keys in one step, and beside them one that nothing else ever writes: it must be there once and for good
 * when the write was acknowledged, and never when it was refused.
 */
export function putKeys(client: Client, keys: readonly string[], manner: WriteManner): Promise<WriteEnd> {
  const value = client.nextWriteName();
  const stored = paddedValue(value, manner.paddingBytes);
  const question: Question = {
    kind: 'write',
    method: 'POST',
    path: '/key',
    body: JSON.stringify(Object.fromEntries([...keys.map((key) => [key, stored]), [onceKey(value), value]])),
  };
  const values = Object.fromEntries([...keys, onceKey(value)].map((key) => [key, value]));
  return write(client, question, manner, (end) => ({
    ...end.base,
    op: 'putMany',
    input: { values },
    output: end.output,
  }));
}

/** Keys that are written by one request each. */
export const oncePrefix = 'once/';

function onceKey(value: string): string {
  return `${oncePrefix}${value}`;
}

interface Ended {
  readonly base: {
    readonly process: string;
    readonly start: number;
    readonly end: number | null;
    readonly node?: string;
    readonly outcome: Outcome;
  };
  readonly output: { readonly revision?: number | null | undefined } | undefined;
  /** The last one; null while the write is under way. */
  readonly reply: Reply | null;
}

async function write(
  client: Client,
  question: Question,
  manner: WriteManner,
  operationOf: (end: Ended) => Operation,
): Promise<WriteEnd> {
  const start = performance.now();
  const idempotencyKey = manner.isRepeatable ? `key-${client.linkName}-${start}` : null;
  const open = { process: client.name, start, end: null, outcome: 'unknown' } as const;
  const recorded = client.parts.recorder.begin({
    operation: operationOf({ base: open, output: undefined, reply: null }),
    incarnation: -1,
    storeRevision: null,
    idempotencyKey,
    answers: [],
  });
  const replies = await attempts(client, question, idempotencyKey);
  recorded();
  const [reply] = replies.slice(-1);
  if (reply === undefined) {
    return { outcome: 'fail', revision: null };
  }
  const outcome = outcomeOf(replies);
  const revision = revisionOf(reply, outcome);
  const base = { process: client.name, start, end: performance.now(), node: reply.node.id, outcome };
  const output = outcome === 'ok' || outcome === 'refused' ? { revision } : undefined;
  client.parts.recorder.add({
    operation: operationOf({ base, output, reply }),
    incarnation: reply.incarnation,
    storeRevision: null,
    idempotencyKey,
    answers: replies.map(({ label, node }) => `${node.id}: ${label}`),
  });
  if (outcome === 'unknown' && idempotencyKey === null) {
    client.rename();
  }
  return { outcome, revision };
}

/** Repeats what may have happened, with the same key at another node; what can not be repeated is sent once. */
async function attempts(client: Client, question: Question, idempotencyKey: string | null): Promise<Reply[]> {
  const keyed: Record<string, string> = idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey };
  const asked = { ...question, headers: { ...question.headers, ...keyed } };
  const replies = [await client.ask(asked)];
  let pauseMs = 25;
  while (idempotencyKey !== null && replies.length < attemptsMax && outcomeOf(replies) === 'unknown') {
    await sleep(pauseMs * (0.5 + client.parts.random.fraction() / 2));
    pauseMs = Math.min(pauseMaxMs, 2 * pauseMs);
    replies.push(await client.ask(asked));
  }
  return replies;
}

/** One attempt of unknown outcome leaves all unknown, until one with the same key is answered for certain. */
function outcomeOf(replies: readonly Reply[]): Outcome {
  const last = replies.at(-1)?.meaning;
  if (last === 'done') {
    return 'ok';
  }
  if (last === 'refused') {
    return 'refused';
  }
  return replies.some(({ meaning }) => meaning === 'unknown') ? 'unknown' : 'fail';
}

function revisionOf(reply: Reply, outcome: Outcome): number | null {
  if (outcome === 'refused') {
    return tagOf(reply);
  }
  const { body } = reply;
  const isWritten = outcome === 'ok' && typeof body === 'object' && body !== null && 'revision' in body;
  return isWritten && typeof body.revision === 'number' ? body.revision : null;
}

function deletedOf(reply: Reply | null): boolean {
  const body = reply?.body;
  return typeof body === 'object' && body !== null && 'deleted' in body && body.deleted === 1;
}

function isConditional({ ifMatch, ifNoneMatch }: WriteCondition): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}

function headersOf({ ifMatch, ifNoneMatch }: WriteCondition): Record<string, string> {
  if (ifNoneMatch !== undefined) {
    return { 'if-none-match': ifNoneMatch };
  }
  if (ifMatch === undefined) {
    return {};
  }
  return { 'if-match': ifMatch === '*' ? '*' : `"${ifMatch}"` };
}

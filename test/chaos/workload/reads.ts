import type { Operation, Value } from '../../linearizability/index.js';
import type { Client, Reply } from './client.js';
import type { Finding } from './observation.js';
import { nameOfValue } from './values.js';

export type Level = 'stale' | 'default' | 'consistent';

/** Reads one key and records what was seen. @returns The key's revision; null where there is none or no answer. */
export async function readKey(client: Client, key: string, level: Level): Promise<number | null> {
  const start = performance.now();
  const reply = await client.ask({ kind: 'read', method: 'GET', path: `/key/${key}`, query: `level=${level}` });
  const isAnswered = reply.meaning === 'done' || reply.meaning === 'missing';
  const revision = reply.meaning === 'done' ? tagOf(reply) : null;
  const value = reply.meaning === 'done' ? valueIn(reply.body, key) : null;
  noteFaults(client, reply, level);
  recordGet(client, reply, {
    key,
    level,
    start,
    end: performance.now(),
    outcome: isAnswered ? 'ok' : 'fail',
    ...(isAnswered ? { output: { value, revision: revision ?? undefined } } : {}),
  });
  return revision;
}

/** Reads the keys of the pool in one page, which is one read of each of them. */
export async function listKeys(client: Client, keys: readonly string[], level: Level): Promise<void> {
  const start = performance.now();
  const query = `prefix=w/&limit=10000&level=${level}`;
  const reply = await client.ask({ kind: 'list', method: 'GET', path: '/key', query });
  const end = performance.now();
  if (reply.meaning !== 'done') {
    return;
  }
  noteFaults(client, reply, level);
  const items = new Map(itemsOf(reply.body).map((item) => [item.key, item]));
  for (const key of keys) {
    const item = items.get(key);
    const output =
      item === undefined ? { value: null } : { value: nameOfValue(item.value), revision: item.modRevision };
    recordGet(client, reply, { key, level, start, end, outcome: 'ok', output });
  }
}

type Get = Extract<Operation, { op: 'get' }>;

/** One key as the answer showed it. */
function recordGet(client: Client, reply: Reply, seen: Omit<Get, 'op' | 'process' | 'node'>): void {
  const operation: Operation = { op: 'get', process: client.name, node: reply.node.id, ...seen };
  client.parts.recorder.add(observed(reply, operation));
}

/** One key of a page. */
export interface Item {
  readonly key: string;
  readonly value: string;
  readonly modRevision: number;
  readonly version: number;
}

/** The keys of a page; empty where it is none. */
export function itemsOf(body: unknown): readonly Item[] {
  return typeof body === 'object' && body !== null && 'items' in body ? (body.items as readonly Item[]) : [];
}

/** The revision in the ETag of an answer; null where there is none. */
export function tagOf({ answer }: Reply): number | null {
  const digits = /^"(\d+)"$/.exec(answer?.headers.etag ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

/** A header that is a number; null where it is not there. */
function numberHeader({ answer }: Reply, name: string): number | null {
  const text = answer?.headers[name];
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : null;
}

function observed(reply: Reply, operation: Operation) {
  return {
    operation,
    incarnation: reply.incarnation,
    storeRevision: numberHeader(reply, 'raftdb-revision'),
    idempotencyKey: null,
    answers: [reply.label],
  };
}

function valueIn(body: unknown, key: string): Value | null {
  const members = typeof body === 'object' && body !== null ? new Map<string, unknown>(Object.entries(body)) : null;
  const value = members?.get(key);
  return members?.size === 1 && typeof value === 'string' ? nameOfValue(value) : `not a value: ${JSON.stringify(body)}`;
}

/** A read says what it got: level, revision and node. */
function noteFaults(client: Client, reply: Reply, level: Level): void {
  if (reply.meaning !== 'done' && reply.meaning !== 'missing') {
    return;
  }
  const headers = reply.answer?.headers ?? {};
  const isAsAsked = headers['raftdb-consistency'] === level && headers['raftdb-served-by'] === reply.node.id;
  if (!isAsAsked || numberHeader(reply, 'raftdb-revision') === null) {
    const finding: Finding = {
      check: 'documented answers',
      text: `a ${level} read of ${reply.node.id} was answered with ${JSON.stringify(headers)}`,
    };
    client.parts.recorder.find(finding);
  }
}

import type { NodeProcess } from '../../support/node-process.js';

/** One request that has one effect and one answer, however often it is sent. */
export interface KeyedRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A keyed request with the answer that it got; of a refusal, its code: the words may change. */
export interface AnsweredRequest extends KeyedRequest {
  readonly status: number;
  readonly answer: unknown;
}

/** What the data are to hold: the JSON text of each key. */
export type Texts = Map<string, string>;

/** Keys that a careless store loses, changes or confuses. */
const oddKeys: readonly string[] = [
  ' ',
  '  ',
  '\u00a0',
  '\u200b',
  '\ufeff',
  '/',
  '//',
  '/leading',
  'trailing/',
  'a/b/c',
  '.',
  '..',
  '%',
  '%2F',
  '+',
  '?a=b#c',
  '"',
  '\\',
  "'; DROP TABLE log_batch; --",
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'caf\u00e9',
  'cafe\u0301',
  '\u{1f418}',
  '\u{10ffff}',
  '\uffee',
  'k'.repeat(1024),
];

const oddTexts: readonly string[] = [
  '""',
  'null',
  'false',
  '0',
  '-0',
  '2.50',
  '1e400',
  '[]',
  '{}',
  '"\\u0000"',
  '{"a": [1,  2]}',
];

/** Writes that a snapshot is to hold, and some that are gone by then. */
export async function tellBeginning(node: NodeProcess, texts: Texts): Promise<AnsweredRequest[]> {
  for (const [position, key] of oddKeys.entries()) {
    await put(node, texts, new Map([[key, `"value ${position}"`]]));
  }
  await put(node, texts, new Map(oddTexts.map((text, position) => [`text/${position}`, text])));
  await put(
    node,
    texts,
    new Map([
      ['deleted', '1'],
      ['gone/1', '1'],
      ['gone/2', '1'],
      ['kept', '1'],
    ]),
  );
  const answers = [
    await ask(node, { method: 'POST', path: '/key', body: '{"once": 1}', headers: { 'idempotency-key': 'written-1' } }),
    await ask(node, { method: 'DELETE', path: '/key/deleted', headers: { 'idempotency-key': 'deleted-1' } }),
    await ask(node, {
      method: 'PUT',
      path: '/key/kept',
      body: '2',
      headers: { 'idempotency-key': 'failed-1', 'if-none-match': '*' },
    }),
  ];
  texts.set('once', '1').delete('deleted');
  await ask(node, { method: 'DELETE', path: '/key?prefix=gone%2F', headers: {} });
  texts.delete('gone/1');
  texts.delete('gone/2');
  return answers;
}

/** Writes of no interest, one entry each. */
export async function fill(node: NodeProcess, texts: Texts, number: number): Promise<void> {
  await put(node, texts, new Map([[`fill/${number % 5}`, String(number)]]));
}

/** Writes that stay in the log behind a snapshot. */
export async function tellEnd(node: NodeProcess, texts: Texts): Promise<AnsweredRequest[]> {
  await put(
    node,
    texts,
    new Map([
      ['\u{1f418}', '"again"'],
      ['tail/\u{1f418}', '{"deep": {"er": [null]}}'],
    ]),
  );
  await put(node, texts, new Map([['tail/deleted', '1']]));
  const answers = [
    await ask(node, {
      method: 'POST',
      path: '/key',
      body: '{"once": 2, "twice": 2}',
      headers: { 'idempotency-key': 'written-2' },
    }),
    await ask(node, { method: 'DELETE', path: '/key/tail%2Fdeleted', headers: { 'idempotency-key': 'deleted-2' } }),
  ];
  texts.set('once', '2').set('twice', '2').delete('tail/deleted');
  return answers;
}

/** Sends a request. @throws where the answer is none that a keyed request is remembered with. */
export async function ask(node: NodeProcess, request: KeyedRequest): Promise<AnsweredRequest> {
  const { method, path, body, headers } = request;
  const { status, body: answer } = await node.json(path, { method, headers, ...(body === undefined ? {} : { body }) });
  if (status !== 200 && status !== 412) {
    throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
  }
  return { ...request, status, answer: status === 200 ? answer : { code: (answer as { code: unknown }).code } };
}

async function put(node: NodeProcess, texts: Texts, added: Texts): Promise<void> {
  const members = [...added].map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  await ask(node, { method: 'POST', path: '/key', body: `{${members.join(',')}}`, headers: {} });
  added.forEach((text, key) => texts.set(key, text));
}

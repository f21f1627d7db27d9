import type { z } from 'zod';
import { abortAfter } from './abort-after.js';

/** Answers are a list of members; more is not read. */
const ANSWER_BYTES_MAX = 1024 * 1024;

export interface MemberQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** JSON; null: none. */
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface MemberAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly contentType: string | null;
  readonly text: string;
}

/** One HTTP request to another member and its whole answer, redirects not followed. Rejects past the time. */
export async function askMember(url: URL, question: MemberQuestion): Promise<MemberAnswer> {
  const { method, body, timeoutMs, signal } = question;
  const timed = abortAfter(timeoutMs, signal === undefined ? [] : [signal]);
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal: timed.signal });
    return {
      status: response.status,
      location: response.headers.get('location'),
      contentType: response.headers.get('content-type'),
      text: await readText(response),
    };
  } finally {
    timed.stop();
  }
}

/** What a member answers to a GET with 200; null where it does not. */
export async function textOf(
  httpAddr: string,
  path: string,
  options: Pick<MemberQuestion, 'timeoutMs' | 'signal'>,
): Promise<string | null> {
  try {
    const answer = await askMember(new URL(path, `http://${httpAddr}`), { method: 'GET', body: null, ...options });
    return answer.status === 200 ? answer.text : null;
  } catch {
    return null;
  }
}

/** What a member said, as `schema` reads it; null where it is something else. */
export function parseAnswer<T>(schema: z.ZodType<T>, text: string | null): T | null {
  try {
    return schema.safeParse(JSON.parse(text ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = response.body ?? [];
  for await (const chunk of body) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) {
      throw new Error('its answer does not end');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

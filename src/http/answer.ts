import type { FastifyReply } from 'fastify';
import type { Headers } from './problem.js';

/** What a service answers; errors are thrown as `Problem`. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Null: none. */
  readonly body: string | null;
}

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

const jsonHeaders: Headers = { 'content-type': JSON_CONTENT_TYPE };

/** 200 with `value` as JSON. */
export function jsonAnswer(value: unknown): Answer {
  return { status: 200, headers: jsonHeaders, body: JSON.stringify(value) };
}

export function sendAnswer(reply: FastifyReply, answer: Answer): void {
  reply
    .code(answer.status)
    .headers(answer.headers)
    .send(answer.body ?? undefined);
}

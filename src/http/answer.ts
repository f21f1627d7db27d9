import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { BodyText } from './answer-body.js';
import type { HeaderList } from './problem.js';

/** What a service answers; errors are thrown as `Problem`. */
export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Null: none. Bytes are the answer's own: they are read when the connection takes them. */
  readonly body: BodyText | null;
}

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

const jsonHeaders: HeaderList = ['content-type', JSON_CONTENT_TYPE];

/** 200 with `value` as JSON. */
export function jsonAnswer(value: unknown): Answer {
  return { status: 200, headers: jsonHeaders, body: JSON.stringify(value) };
}

/** Sends an answer, unless the request has one already. Once Node's own response has ended, the framework takes it as sent. */
export function sendAnswer(reply: FastifyReply, answer: Answer): void {
  if (reply.sent) {
    return;
  }
  const { request, server, raw } = reply;
  server.answering.write(raw, request.id, answer);
  server.answering.note(request, answer.status);
}

/** Sends 200 with a body that is made while it is sent. */
export function sendStream(reply: FastifyReply, headers: HeaderList, body: Readable): void {
  for (let at = 0; at < headers.length; at += 2) {
    reply.header(headers[at] ?? '', headers[at + 1]);
  }
  reply.code(200).send(body);
}

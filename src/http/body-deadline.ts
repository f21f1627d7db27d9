import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';
import { sendProblem } from './problem.filter.js';

/** The rest of the body is not read, so the connection cannot go on behind it. */
const closing = { headers: { connection: 'close' } };

/** Answers 408 where the body of a request has not arrived whole after `timeoutMs` milliseconds. */
export function watchBody(request: FastifyRequest, reply: FastifyReply, timeoutMs: number): void {
  const { raw } = request;
  if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined) {
    return;
  }
  const timer = setTimeout(() => {
    if (!reply.raw.headersSent) {
      sendProblem(reply, new Problem('REQUEST_TIMEOUT', `Send the whole body within ${timeoutMs} ms.`, closing));
    }
  }, timeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
  };
  raw.once('end', stop);
  raw.once('close', stop);
}

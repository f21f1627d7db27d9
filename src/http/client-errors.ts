import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.js';
import { PROBLEM_CONTENT_TYPE, problemBody, problemKinds } from './problem.filter.js';
import { newRequestId } from './request-id.js';

type Socket = IncomingMessage['socket'];

/**
 * Answers what Node's parser refuses, on the bare socket, and closes the connection: where a request ends is no longer
 * known, so nothing that follows on the connection may be read as one.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswered(socket)) {
    socket.destroy();
    return;
  }
  // Whatever the client still sends is neither read nor waited for.
  socket.end(rawAnswer(problemOf(error.code)), () => socket.destroy());
}

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('REQUEST_TIMEOUT', 'Send the whole request faster.');
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('HEADERS_TOO_LARGE', 'Request line and headers together take at most 16 KiB.');
    default:
      return new Problem('BAD_REQUEST', 'The bytes on the connection are not an HTTP/1.1 request.');
  }
}

function rawAnswer(problem: Problem): string {
  const { status } = problemKinds[problem.code];
  const id = newRequestId();
  const body = problemBody(problem, id);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Whether an answer to the request is under way: a second one in its middle would be read as part of it. */
function hasAnswered(socket: Socket): boolean {
  return '_httpMessage' in socket && isAnswering(socket._httpMessage);
}

function isAnswering(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'headersSent' in message && message.headersSent === true;
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,128}$/;

/** No other process has it. */
const processPart = randomBytes(12).toString('base64url');
let lastNumber = 0;

/** The id under which a request is answered and logged: the client's `X-Request-Id` where it is usable, else a new one. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && VISIBLE_ASCII.test(given) ? given : newRequestId();
}

/** One that no other request has, on any node. */
export function newRequestId(): string {
  lastNumber += 1;
  return `${processPart}-${lastNumber.toString(36)}`;
}

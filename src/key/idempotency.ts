import { createHash } from 'node:crypto';
import { Problem } from '../http/index.js';
import type { ApiRequest } from '../http/index.js';
import type { Condition, Idempotency } from '../state-machine/index.js';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/**
 * What makes a retry of this write the same write, null where the client did not ask for it.
 *
 * @param resource - Names what is written, decoded: the same for every spelling of its path. `retentionMs`: how long
 *   the answer is remembered.
 * @throws Problem INVALID_PARAMETER.
 */
export function idempotencyOf(
  request: ApiRequest,
  { resource, condition, retentionMs }: { resource: string; condition: Condition | null; retentionMs: number },
): Idempotency | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    return null;
  }
  if (typeof key !== 'string' || !VISIBLE_ASCII.test(key)) {
    throw new Problem('INVALID_PARAMETER', 'Idempotency-Key is 1 to 255 visible ASCII characters.');
  }
  return { key, fingerprint: fingerprint(request, resource, condition), retentionMs };
}

/** The same at every node and under every host name. JSON holds no bare line feed, so the body cannot pass for it. */
function fingerprint(request: ApiRequest, resource: string, condition: Condition | null): string {
  const head = JSON.stringify([request.method, resource, request.query.canonical(), condition]);
  return createHash('sha256').update(`${head}\n`).update(request.body).digest('base64url');
}

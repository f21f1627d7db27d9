import { createHash } from 'node:crypto';
import { Problem } from '../http/index.js';
import type { ApiRequest } from '../http/index.js';
import { isIdempotencyKey } from '../state-machine/index.js';
import type { Condition, Idempotency } from '../state-machine/index.js';

/**
 * What makes a retry of this write the same write, null where the client did not ask for it.
 *
 * @param write - `resource` names what is written, decoded: the same for every spelling of its path. `retentionMs`: how
 *   long the answer is remembered.
 * @throws Problem INVALID_PARAMETER.
 */
export function idempotencyOf(
  request: ApiRequest,
  write: { readonly resource: string; readonly condition: Condition | null; readonly retentionMs: number },
): Idempotency | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    return null;
  }
  if (typeof key !== 'string' || !isIdempotencyKey(key)) {
    throw new Problem('INVALID_PARAMETER', 'Idempotency-Key is 1 to 255 visible ASCII characters.');
  }
  return { key, fingerprint: fingerprint(request, write.resource, write.condition), retentionMs: write.retentionMs };
}

/** Why a write was not taken because of its Idempotency-Key. */
export function idempotencyProblem(kind: 'idempotencyKeyReused' | 'idempotencyTableFull'): Problem {
  return kind === 'idempotencyKeyReused'
    ? new Problem('IDEMPOTENCY_KEY_REUSED', 'Nothing was changed. Take a new Idempotency-Key for a new request.')
    : new Problem('OVERLOADED', 'No more answers can be remembered; nothing was changed. Retry later.');
}

/** The same at every node and under every host name. JSON holds no bare line feed, so the body cannot pass for it. */
function fingerprint(request: ApiRequest, resource: string, condition: Condition | null): string {
  const head = JSON.stringify([request.method, resource, request.query.canonical(), condition]);
  return createHash('sha256').update(`${head}\n`).update(request.body).digest('base64url');
}

import type { Readable } from 'node:stream';
import { withinTime } from '../consensus/within-time.js';
import { Problem } from '../http/index.js';

/**
 * The pieces of a body as they arrive. Leaving early does not end the connection, so that an answer can still be sent.
 *
 * @param pauseMs - Milliseconds that a client may send nothing.
 * @throws Problem REQUEST_TIMEOUT, or BAD_REQUEST where the client went away.
 */
export async function* bodyPieces(body: Readable, pauseMs: number): AsyncGenerator<Uint8Array, void> {
  const pieces = body.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await nextWithin(pieces, pauseMs);
    if (next.done === true) {
      return;
    }
    yield next.value as Uint8Array;
  }
}

async function nextWithin(pieces: AsyncIterator<unknown>, pauseMs: number): Promise<IteratorResult<unknown, unknown>> {
  const next = await withinTime(pieces.next(), pauseMs).catch(() => {
    throw new Problem('BAD_REQUEST', 'The body ended early. Send it whole.');
  });
  if (next === null) {
    throw new Problem('REQUEST_TIMEOUT', 'The body stood still for too long; nothing was changed.');
  }
  return next;
}

import type { Readable } from 'node:stream';
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
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Problem('REQUEST_TIMEOUT', 'The body stood still for too long; nothing was changed.'));
    }, pauseMs);
  });
  try {
    return await Promise.race([pieces.next(), late]);
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('BAD_REQUEST', 'The body ended early. Send it whole.');
  } finally {
    clearTimeout(timer);
  }
}

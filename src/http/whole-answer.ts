import type { IncomingMessage } from 'node:http';

type Socket = IncomingMessage['socket'];

/**
 * Has each answer on `socket` whose head and body are one string written by one plain write.
 *
 * Node ends an answer with an empty chunk behind it, and more than one chunk takes a slower call, which first gathers them in
 * memory of its own: 2 us of a PUT.
 */
export function writeAnswersWhole(socket: Pick<Socket, '_write' | '_writev'>): void {
  const gather = socket._writev?.bind(socket);
  if (gather === undefined) {
    return;
  }
  socket._writev = (chunks, done) => {
    const [first, second] = chunks;
    if (first !== undefined && chunks.length === 2 && isEmpty(second?.chunk)) {
      socket._write(first.chunk, first.encoding, done);
    } else {
      gather(chunks, done);
    }
  };
}

function isEmpty(chunk: unknown): boolean {
  return chunk === '';
}

import type { Socket } from 'node:net';
import { frameHeaderBytes } from '../../../src/transport/frame-assembler.js';
import { decodeGreeting, helloBytesMax } from '../../../src/transport/hello.js';

/** How long a dialler may take to say who it is, in milliseconds. */
const greetingWithinMs = 5000;

/** Who dialled, by its greeting, and the bytes read so far. */
export interface Dialler {
  readonly nodeId: string;
  readonly head: Buffer;
}

/** Reads the greeting of a peer off a new connection; null where none comes, or something else. */
export function readDialler(socket: Socket): Promise<Dialler | null> {
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const settle = (dialler: Dialler | null): void => {
      clearTimeout(timer);
      socket.off('data', take);
      socket.off('close', giveUp);
      socket.off('end', giveUp);
      socket.pause();
      resolve(dialler);
    };
    const giveUp = (): void => {
      settle(null);
    };
    const take = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      if (head.length < frameHeaderBytes) {
        return;
      }
      const length = head.readUInt32BE(0);
      if (length > helloBytesMax) {
        settle(null);
      } else if (head.length >= frameHeaderBytes + length) {
        settle(diallerOf(head, length));
      }
    };
    const timer = setTimeout(giveUp, greetingWithinMs);
    socket.on('data', take);
    socket.once('close', giveUp);
    socket.once('end', giveUp);
  });
}

function diallerOf(head: Buffer, length: number): Dialler | null {
  try {
    const greeting = decodeGreeting(head.subarray(frameHeaderBytes, frameHeaderBytes + length));
    return greeting.kind === 'hello' ? { nodeId: greeting.hello.nodeId, head } : null;
  } catch {
    return null;
  }
}

import type { Message } from '../../src/raft/index.js';
import { MalformedBytesError } from '../../src/lib/bytes.js';
import { FrameAssembler } from '../../src/transport/frame-assembler.js';
import { decodeMessage } from '../../src/transport/message-codec.js';
import type { SystemCall } from './system-calls.js';

/** A message at the moment in which the call began that handed its last byte to the system. */
export interface SentMessage {
  readonly message: Message;
  readonly startUs: number;
}

const frameBytesMax = 64 * 1024 * 1024;
const sends: ReadonlySet<string> = new Set(['write', 'writev', 'sendto', 'sendmsg']);

/** The messages that a node sent to its peers; what is no frame of a peer, as on its HTTP port, is left out. */
export function sentMessages(calls: readonly SystemCall[]): SentMessage[] {
  const streams = new Map<string, FrameAssembler | null>();
  const messages: SentMessage[] = [];
  for (const { name, target, data, startUs } of calls) {
    if (!sends.has(name) || !target.startsWith('TCP')) {
      continue;
    }
    const stream = streams.has(target) ? streams.get(target) : new FrameAssembler(frameBytesMax);
    const fault = stream?.push(data, (payload) => {
      messages.push(...decode(payload, startUs));
      return true;
    });
    // HTTP is no stream of frames: it is not looked at again.
    streams.set(target, fault === null ? (stream ?? null) : null);
  }
  return messages;
}

/** Greetings are no messages. */
function decode(payload: Uint8Array, startUs: number): SentMessage[] {
  try {
    return [{ message: decodeMessage(payload), startUs }];
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      return [];
    }
    throw error;
  }
}

import type { ByteReader, ByteWriter } from '../lib/bytes.js';
import type { Message, MessageType } from '../raft/index.js';

type MessageMap = { [M in Message as M['type']]: M };

export type MessageOf<T extends MessageType> = MessageMap[T];

/** The part that all messages share. */
export type Envelope = Pick<Message, 'from' | 'fromInstance' | 'to' | 'term'>;

/** The fields of one type of message behind the envelope. */
export interface BodyCodec<T extends MessageType> {
  write(message: MessageOf<T>, writer: ByteWriter): void;
  /** @throws MalformedBytesError when a field is out of bounds or two of them contradict each other. */
  read(reader: ByteReader, envelope: Envelope): MessageOf<T>;
}

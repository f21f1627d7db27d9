import { ByteReader, ByteWriter, NewerFormatError } from '../lib/bytes.js';
import { entryBytes } from '../raft/index.js';
import type { Message, MessageType } from '../raft/index.js';
import { readName } from './bounded-text.js';
import type { Envelope, MessageOf } from './body-codec.js';
import type { ProtocolVersions } from './hello.js';
import { bodyCodecs } from './message-bodies.js';

/** Version of the form below; a reader refuses another one. */
export const messageFormatVersion = 1;

/** Bytes beyond entries, proposals and chunks; a rough upper bound for messages without members. */
const overheadBytes = 256;

/** The position of a type, counting from 1, is its byte on the wire: append only. */
const types: readonly MessageType[] = [
  'requestVote',
  'requestVoteResponse',
  'appendEntries',
  'appendEntriesResponse',
  'heartbeat',
  'heartbeatResponse',
  'installSnapshot',
  'installSnapshotResponse',
  'readIndexRequest',
  'readIndexResponse',
  'propose',
  'proposeResponse',
  'changeMembership',
  'timeoutNow',
  'progressRequest',
  'progressResponse',
  'compareState',
  'compareStateResponse',
  'stateDiverged',
  'handOver',
];

/** Types that came after version 1 of the protocol, with the version that brought them. */
const laterTypes: Partial<Record<MessageType, number>> = {
  compareState: 2,
  compareStateResponse: 2,
  stateDiverged: 2,
  handOver: 3,
};

/** Whether whoever speaks these versions knows the type; others close the connection on which it arrives. */
export function isKnownTo(versions: ProtocolVersions, type: MessageType): boolean {
  return versions.max >= (laterTypes[type] ?? 1);
}

/** version u8, type u8, from text, fromInstance text, to text, term u53, then what `message-bodies.ts` says. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter(estimateBytes(message));
  writer.u8(messageFormatVersion).u8(types.indexOf(message.type) + 1);
  writer.text(message.from).text(message.fromInstance).text(message.to).u53(message.term);
  writeBody(message.type, message, writer);
  return writer.finish();
}

/**
 * Reads what {@link encodeMessage} wrote and checks everything that the message itself can show to be wrong. Data of
 * entries, proposals and chunks are views of `bytes`.
 *
 * @throws MalformedBytesError when the bytes are something else, or contradict themselves; NewerFormatError when their version
 *   or their type is none that this program knows.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== messageFormatVersion) {
    throw new NewerFormatError(`a message has format ${version}, this program reads ${messageFormatVersion}`);
  }
  const typeByte = reader.u8();
  const type = types[typeByte - 1];
  if (type === undefined) {
    throw new NewerFormatError(`a message is of type ${typeByte}, which this program does not know`);
  }
  const envelope: Envelope = {
    from: readName(reader),
    fromInstance: readName(reader),
    to: readName(reader),
    term: reader.u53(),
  };
  const message = bodyCodecs[type].read(reader, envelope);
  reader.end();
  return message;
}

/** About how many bytes the message takes on the wire; cheap, and close for every large one. */
export function estimateBytes(message: Message): number {
  if (message.type === 'appendEntries') {
    return message.entries.reduce((sum, entry) => sum + entryBytes(entry), overheadBytes);
  }
  if (message.type === 'installSnapshot') {
    return overheadBytes + message.data.length + message.snapshot.configuration.members.length * overheadBytes;
  }
  if (message.type === 'propose') {
    return message.proposals.reduce((sum, { data }) => sum + data.length + 128, overheadBytes);
  }
  return overheadBytes;
}

function writeBody<T extends MessageType>(type: T, message: MessageOf<T>, writer: ByteWriter): void {
  bodyCodecs[type].write(message, writer);
}

import type { ByteReader, ByteWriter } from '../lib/bytes.js';
import type { ComparisonFindings, Divergence, DivergedMember } from '../raft/index.js';
import type { BodyCodec } from './body-codec.js';
import { readName } from './bounded-text.js';
import { check, readFlag, readList } from './field-readers.js';

/** Longest checksum of a state, in bytes. */
const checksumBytesMax = 64;

/** round u53, index u53, comparedIndex u53, then the divergences as a list. */
export const compareStateCodec: BodyCodec<'compareState'> = {
  write: ({ round, index, findings }, writer) => {
    writer.u53(round).u53(index);
    writeFindings(writer, findings);
  },
  read: (reader, envelope) => {
    check(envelope.term >= 1, 'a leader has a term');
    const [round, index] = [reader.u53(), reader.u53()];
    return { type: 'compareState', ...envelope, round, index, findings: readFindings(reader) };
  },
};

/** round u53, index u53, then the checksum. */
export const compareStateResponseCodec: BodyCodec<'compareStateResponse'> = {
  write: ({ round, index, checksum }, writer) => {
    writer.u53(round).u53(index);
    writeChecksum(writer, checksum);
  },
  read: (reader, envelope) => {
    const [round, index] = [reader.u53(), reader.u53()];
    return { type: 'compareStateResponse', ...envelope, round, index, checksum: readChecksum(reader) };
  },
};

/** round u53, then the divergence. */
export const stateDivergedCodec: BodyCodec<'stateDiverged'> = {
  write: ({ round, divergence }, writer) => {
    writer.u53(round);
    writeDivergence(writer, divergence);
  },
  read: (reader, envelope) => {
    check(envelope.term >= 1, 'a leader has a term');
    const round = reader.u53();
    return { type: 'stateDiverged', ...envelope, round, divergence: readDivergence(reader) };
  },
};

function writeFindings(writer: ByteWriter, { comparedIndex, divergences }: ComparisonFindings): void {
  writer.u53(comparedIndex).u32(divergences.length);
  for (const divergence of divergences) {
    writeDivergence(writer, divergence);
  }
}

function readFindings(reader: ByteReader): ComparisonFindings {
  const comparedIndex = reader.u53();
  const divergences = readList(reader, readDivergence);
  const ids = divergences.flatMap(({ members }) => members.map(({ id }) => id));
  check(new Set(ids).size === ids.length, 'a member stands in one divergence');
  return { comparedIndex, divergences };
}

/** index u53, ageMs u53, the majority's checksum, then as a list of each: id text, instance text, checksum text. */
function writeDivergence(writer: ByteWriter, { index, ageMs, majorityChecksum, members }: Divergence): void {
  writer.u53(index).u53(ageMs);
  writeChecksum(writer, majorityChecksum);
  writer.u32(members.length);
  for (const { id, instanceId, checksum } of members) {
    writer.text(id).text(instanceId).text(checksum);
  }
}

function readDivergence(reader: ByteReader): Divergence {
  const [index, ageMs] = [reader.u53(), reader.u53()];
  const majorityChecksum = readChecksum(reader);
  const members = readList(reader, readMember);
  check(members.length > 0, 'a divergence names its members');
  check(!members.some(({ checksum }) => checksum === majorityChecksum), 'whoever is as the majority did not diverge');
  return { index, ageMs, majorityChecksum, members };
}

function readMember(reader: ByteReader): DivergedMember {
  return { id: readName(reader), instanceId: readName(reader), checksum: readName(reader, checksumBytesMax) };
}

/** A flag u8 whether there is one, then its text. */
function writeChecksum(writer: ByteWriter, checksum: string | null): void {
  writer.u8(Number(checksum !== null));
  if (checksum !== null) {
    writer.text(checksum);
  }
}

function readChecksum(reader: ByteReader): string | null {
  return readFlag(reader) ? readName(reader, checksumBytesMax) : null;
}

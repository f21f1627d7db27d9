import type { ByteReader, ByteWriter } from '../lib/bytes.js';
import type { MemberProgress } from '../raft/index.js';
import type { BodyCodec } from './body-codec.js';
import { readName } from './bounded-text.js';
import { check, readFlag, readList } from './field-readers.js';

/** request u53, whether there are members u8, then as a list of each: id text, matchIndex u53, contact, healthy u8. */
export const progressResponseCodec: BodyCodec<'progressResponse'> = {
  write: ({ request, members }, writer) => {
    writer
      .u53(request)
      .u8(Number(members !== null))
      .u32(members?.length ?? 0);
    for (const { id, matchIndex, lastContactMs, healthy } of members ?? []) {
      writer.text(id).u53(matchIndex);
      writeContact(writer, lastContactMs);
      writer.u8(Number(healthy));
    }
  },
  read: (reader, envelope) => {
    const request = reader.u53();
    const isKnown = readFlag(reader);
    const members = readList(reader, readMember);
    check(isKnown || members.length === 0, 'a flag agrees with its list');
    return { type: 'progressResponse', ...envelope, request, members: isKnown ? members : null };
  },
};

function readMember(reader: ByteReader): MemberProgress {
  return {
    id: readName(reader),
    matchIndex: reader.u53(),
    lastContactMs: readContact(reader),
    healthy: readFlag(reader),
  };
}

/** A flag u8, then whole milliseconds u53. */
function writeContact(writer: ByteWriter, contactMs: number | null): void {
  writer.u8(Number(contactMs !== null)).u53(Math.round(contactMs ?? 0));
}

function readContact(reader: ByteReader): number | null {
  const isKnown = readFlag(reader);
  const contactMs = reader.u53();
  check(isKnown || contactMs === 0, 'a flag agrees with its number');
  return isKnown ? contactMs : null;
}

import type { ByteReader, ByteWriter } from '../lib/bytes.js';
import { Configuration, decodeConfiguration } from '../raft/index.js';
import type { Entry, JoinRequest, Member, MembershipChange, SnapshotMetadata } from '../raft/index.js';
import { addressBytesMax, nameBytesMax, readName, readText } from './bounded-text.js';
import { check, readChoice, readFlag, readList } from './field-readers.js';

/** Members of one configuration at most; a Raft cluster is far smaller. */
export const membersMax = 1024;

/** Position is the byte on the wire: append only. */
const roles: readonly Member['role'][] = ['voter', 'learner'];
const changes: readonly MembershipChange['kind'][] = ['join', 'promote', 'remove'];

/** index u53, term u53, time u53, chunks u53, bytes u53, then the members as a list. */
export function writeSnapshot(writer: ByteWriter, snapshot: SnapshotMetadata): void {
  writer.u53(snapshot.lastIncludedIndex).u53(snapshot.lastIncludedTerm).u53(snapshot.lastIncludedTimeMs);
  writer.u53(snapshot.chunkCount).u53(snapshot.byteCount);
  writer.u32(snapshot.configuration.members.length);
  for (const { id, instanceId, httpAddr, raftAddr, role, promote } of snapshot.configuration.members) {
    writer.text(id).text(instanceId).text(httpAddr).text(raftAddr).u8(roles.indexOf(role)).u8(Number(promote));
  }
}

/** @throws MalformedBytesError */
export function readSnapshot(reader: ByteReader): SnapshotMetadata {
  const numbers = {
    lastIncludedIndex: reader.u53(),
    lastIncludedTerm: reader.u53(),
    lastIncludedTimeMs: reader.u53(),
    chunkCount: reader.u53(),
    byteCount: reader.u53(),
  };
  check(numbers.lastIncludedIndex >= 1, 'a snapshot includes an entry');
  check(numbers.chunkCount >= 1, 'a snapshot has a chunk');
  const members = readList(reader, readMember);
  check(members.length <= membersMax, `a configuration has at most ${membersMax} members`);
  check(new Set(members.map(({ id }) => id)).size === members.length, 'a configuration names each id once');
  return { ...numbers, configuration: new Configuration(members) };
}

/** kind u8, then its fields. */
export function writeChange(writer: ByteWriter, change: MembershipChange): void {
  writer.u8(changes.indexOf(change.kind));
  switch (change.kind) {
    case 'join': {
      const { id, instanceId, httpAddr, raftAddr, promote } = change.member;
      writer
        .text(id)
        .u8(Number(instanceId !== null))
        .text(instanceId ?? '')
        .text(httpAddr)
        .text(raftAddr);
      writer.u8(Number(promote)).u8(Number(change.replace));
      return;
    }
    case 'promote':
      writer.text(change.id).text(change.instanceId);
      return;
    case 'remove':
      writer.text(change.id);
      return;
  }
}

/** @throws MalformedBytesError */
export function readChange(reader: ByteReader): MembershipChange {
  const kind = readChoice(reader, changes);
  switch (kind) {
    case 'join':
      return { kind, member: readJoinRequest(reader), replace: readFlag(reader) };
    case 'promote':
      return { kind, id: readName(reader), instanceId: readText(reader, nameBytesMax) };
    case 'remove':
      return { kind, id: readName(reader) };
  }
}

/**
 * States that an entry that claims to hold a configuration does: the core takes it for granted.
 *
 * @throws MalformedBytesError when it does not.
 */
export function checkConfigurationEntry(entry: Entry): void {
  if (entry.kind === 'configuration') {
    decodeConfiguration(entry.data);
  }
}

/** The instance may be empty: a member that was admitted by hand and has not introduced itself. */
function readMember(reader: ByteReader): Member {
  return {
    id: readName(reader),
    instanceId: readText(reader, nameBytesMax),
    httpAddr: readText(reader, addressBytesMax),
    raftAddr: readText(reader, addressBytesMax),
    role: readChoice(reader, roles),
    promote: readFlag(reader),
  };
}

function readJoinRequest(reader: ByteReader): JoinRequest {
  const id = readName(reader);
  const hasInstance = readFlag(reader);
  const instanceId = readText(reader, nameBytesMax);
  check(hasInstance || instanceId === '', 'a flag agrees with its text');
  return {
    id,
    instanceId: hasInstance ? instanceId : null,
    httpAddr: readText(reader, addressBytesMax),
    raftAddr: readText(reader, addressBytesMax),
    promote: readFlag(reader),
  };
}

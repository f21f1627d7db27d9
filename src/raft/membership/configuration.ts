import { assert } from '../../lib/assert.js';
import { MalformedBytesError, decodeText, encodeText } from '../../lib/bytes.js';
import type { InstanceId, NodeId } from '../types.js';

/** One node of the cluster as the replicated configuration knows it. */
export interface Member {
  readonly id: NodeId;
  readonly instanceId: InstanceId;
  /** `host:port` at which clients reach it; a name, resolved on every dial. */
  readonly httpAddr: string;
  /** `host:port` at which peers reach it. */
  readonly raftAddr: string;
  /** A voter counts in quorums; a learner receives the log and never votes (Ongaro 2014 §4.2.1). */
  readonly role: 'voter' | 'learner';
  /** For a learner: whether the leader makes it a voter once it has caught up. */
  readonly promote: boolean;
}

/**
 * The members of the cluster as of one entry of the log. Immutable.
 *
 * A node uses the latest configuration in its log, committed or not (Ongaro 2014 §4.1).
 */
export class Configuration {
  static readonly empty = new Configuration([]);

  readonly members: readonly Member[];
  readonly voterIds: readonly NodeId[];
  private readonly byId: ReadonlyMap<NodeId, Member>;

  /** @param members - In any order; they are kept sorted by id, each id at most once. */
  constructor(members: readonly Member[]) {
    this.members = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.voterIds = this.members.filter((member) => member.role === 'voter').map((member) => member.id);
    this.byId = new Map(this.members.map((member) => [member.id, member]));
    assert(this.byId.size === members.length, 'a configuration names each id once');
  }

  member(id: NodeId): Member | undefined {
    return this.byId.get(id);
  }

  isVoter(id: NodeId): boolean {
    return this.byId.get(id)?.role === 'voter';
  }

  /** Whether `id` is a member and runs on the data directory that was admitted: a wiped disk is somebody else. */
  knows(id: NodeId, instanceId: InstanceId): boolean {
    return this.byId.get(id)?.instanceId === instanceId;
  }

  /** The smallest number of voters that is a majority. */
  get quorumSize(): number {
    return Math.floor(this.voterIds.length / 2) + 1;
  }

  with(member: Member): Configuration {
    return new Configuration([...this.members.filter((other) => other.id !== member.id), member]);
  }

  without(id: NodeId): Configuration {
    return new Configuration(this.members.filter((member) => member.id !== id));
  }
}

/** The bytes of a configuration entry: JSON, members sorted by id. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  return encodeText(JSON.stringify({ members: configuration.members }));
}

/**
 * Reads what {@link encodeConfiguration} wrote.
 *
 * @throws MalformedBytesError when the bytes are something else.
 */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const members = readMembers(decodeText(bytes));
  if (new Set(members.map(({ id }) => id)).size < members.length) {
    throw new MalformedBytesError('a configuration names a member twice');
  }
  return new Configuration(members);
}

function readMembers(text: string): Member[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new MalformedBytesError('a configuration is no JSON');
  }
  const members: unknown = isObject(parsed) ? parsed.members : undefined;
  if (!Array.isArray(members)) {
    throw new MalformedBytesError('a configuration lists no members');
  }
  return members.map(readMember);
}

function readMember(candidate: unknown): Member {
  if (!isObject(candidate)) {
    throw new MalformedBytesError('not a member of a configuration');
  }
  const { id, instanceId, httpAddr, raftAddr, role, promote } = candidate;
  const isMember =
    typeof id === 'string' &&
    typeof instanceId === 'string' &&
    typeof httpAddr === 'string' &&
    typeof raftAddr === 'string' &&
    (role === 'voter' || role === 'learner') &&
    typeof promote === 'boolean';
  if (!isMember) {
    throw new MalformedBytesError('not a member of a configuration');
  }
  return { id, instanceId, httpAddr, raftAddr, role, promote };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

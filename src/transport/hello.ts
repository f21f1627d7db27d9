import { ByteReader, ByteWriter, MalformedBytesError } from '../lib/bytes.js';
import type { LocalIdentity } from '../ports/peer-transport.port.js';
import type { InstanceId, NodeId } from '../raft/index.js';
import { nameBytesMax, readName, readText } from './bounded-text.js';
import { refusalReasons } from './link-fault.js';
import type { RefusalReason } from './link-fault.js';

/** What a connection carries: `bulk` is for snapshots, so that they never stand before a heartbeat. */
export type ChannelKind = 'raft' | 'bulk';

/** Versions of the protocol that a program speaks, both included. */
export interface ProtocolVersions {
  readonly min: number;
  readonly max: number;
}

/**
 * What this program speaks. 2: members compare their states (ADR 6). 3: a follower asks its leader to hand over
 * (ADR 7). See `isKnownTo`.
 */
export const ownVersions: ProtocolVersions = { min: 1, max: 3 };

/** The first frame in either direction: who I am and whom I mean. */
export interface Hello {
  readonly versions: ProtocolVersions;
  readonly clusterId: string;
  readonly nodeId: NodeId;
  readonly instanceId: InstanceId;
  readonly toNodeId: NodeId;
  /** Null: the sender takes any instance. */
  readonly toInstanceId: InstanceId | null;
  readonly channel: ChannelKind;
}

/** What a first frame can be. */
export type Greeting =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'refusal'; readonly reason: RefusalReason }
  | { readonly kind: 'otherVersion'; readonly versions: ProtocolVersions };

/** Longest first frame in bytes: little memory is spent on strangers. */
export const helloBytesMax = 2048;

const magic = 0x72_64_62_70;
const kindHello = 1;
const kindRefusal = 2;
const channels: readonly ChannelKind[] = ['raft', 'bulk'];

/** magic u32, kind u8, versions 2 * u8: so far the same in every version; then the rest of this one. */
export function encodeHello(hello: Hello): Uint8Array {
  return start(kindHello, hello.versions)
    .text(hello.clusterId)
    .text(hello.nodeId)
    .text(hello.instanceId)
    .text(hello.toNodeId)
    .text(hello.toInstanceId ?? '')
    .u8(channels.indexOf(hello.channel))
    .finish();
}

/** Tells the other side why its greeting was turned away. */
export function encodeRefusal(reason: RefusalReason): Uint8Array {
  return start(kindRefusal, ownVersions).u8(refusalReasons.indexOf(reason)).finish();
}

/**
 * Reads a first frame. Bytes behind it are left alone where the sender speaks newer versions too.
 *
 * @throws MalformedBytesError when it is none.
 */
export function decodeGreeting(bytes: Uint8Array): Greeting {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== magic) {
    throw new MalformedBytesError('not the greeting of a peer');
  }
  const kind = reader.u8();
  const versions = { min: reader.u8(), max: reader.u8() };
  if (kind === kindRefusal) {
    return { kind: 'refusal', reason: refusalReasons[reader.u8()] ?? 'protocolVersion' };
  }
  if (kind !== kindHello || versions.min > versions.max) {
    throw new MalformedBytesError('not the greeting of a peer');
  }
  if (versions.min > ownVersions.max || versions.max < ownVersions.min) {
    return { kind: 'otherVersion', versions };
  }
  const hello = readHello(reader, versions);
  if (versions.max <= ownVersions.max) {
    reader.end();
  }
  return { kind: 'hello', hello };
}

/**
 * Whether `own` listens to whoever sent `hello`; null: it does.
 *
 * That the sender is no member, or a member on another disk, is no reason: the configuration here may lag
 * (Ongaro 2014 §4.1).
 */
export function judgeHello(own: LocalIdentity, hello: Hello): RefusalReason | null {
  if (own.clusterId === null) {
    return 'noCluster';
  }
  if (hello.clusterId !== own.clusterId) {
    return 'foreignCluster';
  }
  if (hello.toNodeId !== own.nodeId) {
    return 'otherNode';
  }
  if (hello.toInstanceId !== null && hello.toInstanceId !== own.instanceId) {
    return 'otherInstance';
  }
  return null;
}

function start(kind: number, versions: ProtocolVersions): ByteWriter {
  return new ByteWriter(256).u32(magic).u8(kind).u8(versions.min).u8(versions.max);
}

function readHello(reader: ByteReader, versions: ProtocolVersions): Hello {
  const clusterId = readName(reader);
  const nodeId = readName(reader);
  const instanceId = readName(reader);
  const toNodeId = readName(reader);
  const toInstanceId = readText(reader, nameBytesMax);
  const channel = channels[reader.u8()];
  if (channel === undefined) {
    throw new MalformedBytesError('the channel is of no known kind');
  }
  return {
    versions,
    clusterId,
    nodeId,
    instanceId,
    toNodeId,
    toInstanceId: toInstanceId === '' ? null : toInstanceId,
    channel,
  };
}

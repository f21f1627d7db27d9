/**
 * Why a greeting is turned away. The order is the wire form: append only.
 *
 * - `protocolVersion`: the two programs share no version.
 * - `noCluster`: the receiver belongs to no cluster yet.
 * - `foreignCluster`: the two belong to different clusters.
 * - `otherNode`: the address leads to a node of another name.
 * - `otherInstance`: the receiver's disk is not the one that the sender knows, so it was wiped or replaced.
 */
export const refusalReasons = [
  'protocolVersion',
  'noCluster',
  'foreignCluster',
  'otherNode',
  'otherInstance',
] as const satisfies readonly string[];

export type RefusalReason = (typeof refusalReasons)[number];

/**
 * Why a connection is closed by this side.
 *
 * - `notAPeer`: the first bytes are no greeting: another protocol, or noise.
 * - `frameTooLong`, `checksum`: a frame breaks its limit or was changed on its way.
 * - `helloTimeout`, `frameTimeout`: a greeting or a frame took too long.
 * - `malformedMessage`: the bytes are no message.
 * - `unknownMessage`: they say that they are of a version or a type that this program does not know, as a later one sends.
 * - `wrongSender`, `wrongReceiver`: a message names others than its connection does.
 * - `silent`: nothing arrived for several probe intervals.
 */
export type LinkFault =
  | 'notAPeer'
  | 'frameTooLong'
  | 'checksum'
  | 'helloTimeout'
  | 'frameTimeout'
  | 'malformedMessage'
  | 'unknownMessage'
  | 'wrongSender'
  | 'wrongReceiver'
  | 'silent';

/** The reasons as a person who reads the log wants them, from the side that was turned away. */
export const refusalTexts: Readonly<Record<RefusalReason, string>> = {
  protocolVersion: 'it speaks no protocol version in common with this program',
  noCluster: 'it reads back its data or belongs to no cluster yet',
  foreignCluster: 'it belongs to another cluster',
  otherNode: 'its address leads to a node of another name',
  otherInstance: 'its data are not those that the cluster admitted: the disk was wiped or replaced',
};

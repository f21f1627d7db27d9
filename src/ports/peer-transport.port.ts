import type { Configuration, InstanceId, Message, NodeId } from '../raft/index.js';

/** Who this node is towards its peers. `clusterId` null: not a member of any cluster yet, nobody is listened to. */
export interface LocalIdentity {
  readonly nodeId: NodeId;
  readonly instanceId: InstanceId;
  readonly clusterId: string | null;
}

/** A greeting that was turned away, or named this node while it belongs to no cluster. */
export interface ForeignGreeting {
  readonly clusterId: string;
  readonly fromNodeId: NodeId;
  /** The instance that the sender expects under this node's id. */
  readonly expectedInstanceId: InstanceId | null;
}

/**
 * Carries messages between nodes. Raft tolerates loss, duplication and disorder, so nothing here is retried.
 */
export abstract class PeerTransport {
  /** Says who this node is; must precede everything else and is repeated when the node becomes a member. */
  abstract identify(identity: LocalIdentity): void;

  /** Where the members are. Connections to nodes that are no longer named are closed. */
  abstract updatePeers(configuration: Configuration): void;

  /** Hands the message over; never blocks and never throws. It may be dropped. */
  abstract send(message: Message): void;

  /** Who takes the messages that arrive; called synchronously, in their order of arrival on each connection. */
  abstract onMessage(handler: (message: Message) => void): void;

  /** Called for a peer that names this node while {@link LocalIdentity.clusterId} is null or another one. */
  abstract onForeignGreeting(handler: (greeting: ForeignGreeting) => void): void;

  /** Closes every connection; nothing is delivered afterwards. */
  abstract close(): Promise<void>;
}

import { parseAddress } from '../lib/address.js';
import type { Address } from '../lib/address.js';
import { Configuration, unknownInstance } from '../raft/index.js';
import type { NodeId } from '../raft/index.js';
import type { DialledNode } from './handshake.js';

/** A member that this node dials. */
export interface PeerTarget extends DialledNode {
  readonly address: Address;
}

/** Node id to address, as the latest configuration says. The addresses are names: they are resolved on every dial. */
export class PeerDirectory {
  private configuration = Configuration.empty;

  update(configuration: Configuration): void {
    this.configuration = configuration;
  }

  /** Every member but `ownId` whose address can be dialled, by id. */
  targets(ownId: NodeId): Map<NodeId, PeerTarget> {
    const targets = new Map<NodeId, PeerTarget>();
    for (const { id, instanceId, raftAddr } of this.configuration.members) {
      const address = parseAddress(raftAddr);
      if (id !== ownId && address !== null) {
        targets.set(id, { nodeId: id, instanceId: instanceId === unknownInstance ? null : instanceId, address });
      }
    }
    return targets;
  }
}

/** Whether a connection that was made for `left` also serves `right`. */
export function sameTarget(left: PeerTarget, right: PeerTarget): boolean {
  return (
    left.nodeId === right.nodeId &&
    left.instanceId === right.instanceId &&
    left.address.host === right.address.host &&
    left.address.port === right.address.port
  );
}

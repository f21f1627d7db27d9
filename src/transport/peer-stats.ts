import { Injectable } from '@nestjs/common';
import type { NodeId } from '../raft/index.js';
import type { LinkFault, RefusalReason } from './link-fault.js';

/** What is known of the connection to one peer. */
export interface PeerState {
  /** `host:port` that is dialled. */
  readonly address: string;
  readonly state: 'dialling' | 'up' | 'down';
  /** Why it is not up; null while it is, or was never tried. */
  readonly reason: string | null;
  /** Dials that failed since it was last up. */
  readonly failedDials: number;
}

/** Why a message was not sent. `olderPeer`: the receiver speaks no version that knows its type. */
export type DropReason = 'outboxFull' | 'stale' | 'tooLong' | 'noRoute' | 'closed' | 'olderPeer';

/** Counts since the process started. Read by whoever shows them; written by the transport alone. */
@Injectable()
export class PeerStats {
  framesSent = 0;
  framesReceived = 0;
  /** Headers included, greetings and probes not. */
  bytesSent = 0;
  bytesReceived = 0;
  /** Connections that were dialled by others and are open, greeted or not. */
  connectionsOpen = 0;
  /** Connections closed because there were `peerConnectionsMax`. */
  connectionsCapped = 0;
  /** Messages that were not sent. */
  readonly dropped = new Map<DropReason, number>();
  /** Greetings that this node turned away. */
  readonly refused = new Map<RefusalReason, number>();
  /** Connections that this node closed because of what arrived, or did not arrive, on them. */
  readonly faults = new Map<LinkFault, number>();
  /** By node id: the members that this node dials. */
  readonly peers = new Map<NodeId, PeerState>();

  countDropped(reason: DropReason, messages = 1): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + messages);
  }

  countRefused(reason: RefusalReason): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  countFault(fault: LinkFault): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }
}

/** Limits and times of the peer port. Every number is a whole one above 0, `bindPort` apart. */
export interface TransportOptions {
  /** Name or IP address to listen on. */
  readonly bindHost: string;
  /** 0: a free port that `PeerServer.boundPort` tells. */
  readonly bindPort: number;
  /** Largest message in bytes, either way. The same on every member. */
  readonly frameBytesMax: number;
  /** Bytes that wait to be sent to one peer. */
  readonly outboxBytesMax: number;
  /** How long a connection may take to come up, resolving the name included. */
  readonly dialTimeoutMs: number;
  /** Longest pause between two dials of a peer. */
  readonly dialBackoffMaxMs: number;
  /** How long a connection may stay without its greeting. */
  readonly helloTimeoutMs: number;
  /** How long a message may take from its first byte to its last. */
  readonly frameTimeoutMs: number;
  /** Open connections that others dialled. */
  readonly peerConnectionsMax: number;
}

/** Injection token of {@link TransportOptions}. */
export const TRANSPORT_OPTIONS = Symbol('TRANSPORT_OPTIONS');

/** Bytes that one connection hands to the kernel at a time; the rest waits where it can still be dropped. */
export const socketBytesMax = 1024 * 1024;

/** Messages that wait to be sent to one peer. */
export const outboxMessagesMax = 65_536;

/** A message that waited longer for its peer is not worth sending: whoever cares has given up or sent it again. */
export const outboxAgeMaxMs = 5000;

/** First pause after a failed dial; it doubles up to `dialBackoffMaxMs`. */
export const dialBackoffFirstMs = 50;

/** A connection that lived this long was a good one: the next pause starts small again. */
export const stableAfterMs = 1000;

/** How often a connection shows that it is alive. */
export const probeIntervalMs = 1000;

/** Probe intervals without a byte from the other side after which whoever dialled gives the connection up. */
export const dialledSilentProbesMax = 4;

/** The same for whoever was dialled; longer, so that the dialler, who can repair it, acts first. */
export const acceptedSilentProbesMax = 10;

/** How long a bulk connection is kept without a message. */
export const bulkIdleMs = 30_000;

/** How long a connection that is being closed may take to send what it holds. */
export const closeGraceMs = 500;

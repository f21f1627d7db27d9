import type { Settings } from '../config/settings.js';

/** The settings that handlers of requests need; folders that do not import `config/` get them from here. */
export class HttpSettings {
  readonly id: string;
  /** Advertised `host:port`. */
  readonly haddr: string;
  readonly requestTimeoutMs: number;
  readonly routing: 'forward' | 'redirect';
  readonly valueBytesMax: number;
  readonly idempotencyRetentionMs: number;
  /** Longest command that is sure to fit into a message to a peer and into what may wait. */
  readonly commandBytesMax: number;
  /** How long the client may pause within a body that is read as it arrives. */
  readonly bodyPauseMs: number;

  constructor(settings: Settings) {
    this.id = settings.id;
    this.haddr = settings.haddr;
    this.requestTimeoutMs = settings.requestTimeoutMs;
    this.routing = settings.routing;
    this.valueBytesMax = settings.valueBytesMax;
    this.idempotencyRetentionMs = settings.idempotencyRetentionMs;
    this.commandBytesMax = Math.floor((Math.min(settings.frameBytesMax, settings.proposalsPendingBytesMax) * 3) / 4);
    this.bodyPauseMs = settings.httpRequestTimeoutMs;
  }
}

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
  /** How long the client may pause within a body that is read as it arrives. */
  readonly bodyPauseMs: number;

  constructor(settings: Settings) {
    this.id = settings.id;
    this.haddr = settings.haddr;
    this.requestTimeoutMs = settings.requestTimeoutMs;
    this.routing = settings.routing;
    this.valueBytesMax = settings.valueBytesMax;
    this.idempotencyRetentionMs = settings.idempotencyRetentionMs;
    this.bodyPauseMs = settings.httpRequestTimeoutMs;
  }
}

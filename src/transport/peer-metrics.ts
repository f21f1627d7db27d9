import { Injectable } from '@nestjs/common';
import { CounterFrom } from '../metrics/counter-from.js';
import { Metrics } from '../metrics/metrics.js';
import { PeerStats } from './peer-stats.js';

/** Shows what the transport has counted. */
@Injectable()
export class PeerMetrics {
  private readonly dropped = new Map<string, CounterFrom>();

  constructor(
    private readonly metrics: Metrics,
    private readonly stats: PeerStats,
  ) {
    const { peerBytes, peerFrames } = metrics;
    const [bytesSent, bytesReceived, framesSent, framesReceived] = [peerBytes, peerFrames].flatMap((counter) =>
      ['sent', 'received'].map((direction) => new CounterFrom(counter, { direction })),
    );
    metrics.onScrape(() => {
      bytesSent?.follow(stats.bytesSent);
      bytesReceived?.follow(stats.bytesReceived);
      framesSent?.follow(stats.framesSent);
      framesReceived?.follow(stats.framesReceived);
      this.collectDropped();
    });
  }

  private collectDropped(): void {
    for (const [reason, count] of this.stats.dropped) {
      const counter = this.dropped.get(reason) ?? new CounterFrom(this.metrics.peerMessagesDropped, { reason });
      this.dropped.set(reason, counter);
      counter.follow(count);
    }
  }
}

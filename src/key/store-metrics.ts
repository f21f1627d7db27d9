import { Injectable } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { KeyValueStore } from '../state-machine/index.js';

/** Shows the size of the store. */
@Injectable()
export class StoreMetrics {
  constructor(metrics: Metrics, store: KeyValueStore) {
    metrics.onScrape(() => {
      metrics.keys.set(store.keyCount);
    });
  }
}

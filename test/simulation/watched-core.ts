import { RaftCore } from '../../src/raft/index.js';
import type { Ready } from '../../src/raft/index.js';

/** The real core; shows each Ready to a watcher before anybody acts on it. */
export class WatchedCore extends RaftCore {
  onReady: (ready: Ready) => void = () => undefined;

  override ready(): Ready {
    const ready = super.ready();
    this.onReady(ready);
    return ready;
  }
}

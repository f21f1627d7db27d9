import type { Random } from '../../src/lib/random.js';
import type { ClusterWatch } from './checkers/cluster-watch.js';
import type { Coverage } from './coverage.js';
import type { RunParameters } from './parameters.js';
import type { SimNetwork } from './sim-network.js';
import type { DiskTemper } from './store-queue.js';
import type { SimWallClock } from './sim-wall-clock.js';
import type { Timeline } from './timeline.js';
import type { Trace } from './trace.js';

/** What all parts of a run share. */
export interface SimWorld {
  readonly parameters: RunParameters;
  readonly timeline: Timeline;
  readonly network: SimNetwork;
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly watch: ClusterWatch;
  readonly temper: DiskTemper;
  readonly wallClock: SimWallClock;
  /** One generator for each purpose, so that one part does not shift the luck of another. */
  readonly random: { readonly disk: Random; readonly node: Random; readonly workload: Random; readonly faults: Random };
}

/** T of the run in virtual milliseconds. */
export function electionTimeoutMs({ timing }: RunParameters): number {
  return timing.electionTimeoutTicks * timing.tickMs;
}

import type { Patch } from './cluster/build.js';
import type { ChaosOptions } from './options.js';
import type { ScenarioName } from './scenarios/run-scenario.js';

/** A build with a fault that the runs must find, or they show nothing. */
export interface WeakenedBuild {
  readonly patches: readonly Patch[];
  /** What brings the fault to light. */
  readonly provoke:
    | { readonly kind: 'faults'; readonly options: Partial<ChaosOptions> }
    | { readonly kind: 'scenario'; readonly name: ScenarioName };
}

/** Snapshots all the time, and nothing of the log behind them. */
const eagerSnapshots = ['-snapshot-entries', '100', '-log-keep-entries', '0'];

const builds: Readonly<Record<string, WeakenedBuild>> = {
  /** A write is acknowledged when the leader alone has it on disk. */
  'early-ack': {
    patches: [
      {
        file: 'raft/replication/commit.js',
        from: 'majorityValue(state.configuration.voterIds, (id) => durableIndexOf(state, id));',
        to: 'durableIndexOf(state, state.config.nodeId);',
      },
    ],
    provoke: { kind: 'faults', options: { faults: ['isolate-leader', 'kill-leader'] } },
  },
  /** A `consistent` read is answered from the leader's state without asking a quorum whether it still leads. */
  'local-reads': {
    patches: [
      {
        file: 'raft/read/serve-reads.js',
        from: "if (isAlone || (confirmation === 'contact' && hasRecentQuorumContact(state))) {",
        to: 'if (state.isLeader) {',
      },
    ],
    provoke: { kind: 'scenario', name: 'deposed-leader' },
  },
  /** A change of the members does not wait for the one before. */
  'membership-race': {
    patches: [
      {
        file: 'raft/membership/change-membership.js',
        from: 'if (state.log.configurationIndex > state.commitIndex) {',
        to: 'if (state.log.configurationIndex < 0) {',
      },
    ],
    provoke: { kind: 'scenario', name: 'membership-race' },
  },
  /** Reads that are asked for again go under the number of the first time. */
  'reused-batch': {
    patches: [
      {
        file: 'raft/read/read-index.js',
        from: 'this.lastBatch += 1;',
        to: 'this.lastBatch += underWay === null ? 1 : 0;',
      },
    ],
    provoke: { kind: 'scenario', name: 'reused-batch' },
  },
  /** A snapshot leaves out which writes were answered already. */
  'forgotten-keys': {
    patches: [
      {
        file: 'state-machine/key-value-store.js',
        from: 'const frozen = this.state.clone();',
        to: 'const frozen = this.state.clone(); frozen.idempotency = new StoreState(this.limits).idempotency;',
      },
    ],
    provoke: {
      kind: 'faults',
      options: { faults: ['kill-leader', 'kill-follower'], flags: eagerSnapshots },
    },
  },
};

/** The build of that name; undefined where there is none. */
export function weakenedBuild(name: string): WeakenedBuild | undefined {
  return Object.hasOwn(builds, name) ? builds[name] : undefined;
}

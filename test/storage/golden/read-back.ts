import { recover } from '../../../src/consensus/recovery.js';
import type { Stores } from '../../../src/consensus/recovery.js';
import { decodeConfiguration } from '../../../src/raft/index.js';
import type { DurableState, Member } from '../../../src/raft/index.js';
import { KeyValueStore } from '../../../src/state-machine/index.js';
import type { RangeItem } from '../../../src/state-machine/index.js';
import type { AnsweredRequest } from './story.js';
import { kept } from '../../support/kept.js';
import type { Kept } from '../../support/kept.js';

/** The state that the data of each node of a cluster lead to. */
export interface GoldenState {
  readonly clusterId: string;
  readonly revision: number;
  readonly checksum: string;
  readonly idempotencyEntries: number;
  readonly members: readonly Member[];
  readonly keys: readonly Kept<RangeItem>[];
}

/** What is kept of one node beside the state. */
export interface GoldenNode {
  readonly id: string;
  readonly instanceId: string;
  readonly bootNumber: number;
  readonly snapshotIndex: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly currentTerm: number;
  readonly votedFor: string | null;
  readonly commitIndex: number;
}

/** Data of the nodes of one cluster, with what they hold. */
export interface GoldenCluster {
  readonly state: GoldenState;
  readonly nodes: readonly GoldenNode[];
  /** Whoever repeats them gets these answers again. */
  readonly requests: readonly AnsweredRequest[];
}

/** What was made by one version: `expected.json` beside the data. */
export interface GoldenVersion {
  readonly version: string;
  readonly sqlite: GoldenCluster;
  readonly alone: GoldenCluster;
  readonly postgres: GoldenCluster;
}

/** Opens the data of a node as a start does and applies what its log holds: all of it was committed. */
export async function readBack(
  stores: Stores,
  id: string,
): Promise<{ readonly node: GoldenNode; readonly state: GoldenState }> {
  const store = new KeyValueStore();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- a port is a shape, as for Nest
  const { identity, durable } = await recover(stores, store, id);
  const snapshotIndex = durable.snapshot?.lastIncludedIndex ?? 0;
  for (const { index, kind, timeMs, data } of durable.entries) {
    if (kind === 'command' && index > snapshotIndex) {
      store.apply({ index, timeMs, data });
    }
  }
  const { instanceId, bootNumber, clusterId } = identity;
  return {
    node: { id, instanceId, bootNumber, ...placeOf(durable) },
    state: {
      clusterId: clusterId ?? '',
      revision: store.revision(),
      checksum: store.checksum(),
      idempotencyEntries: store.idempotencyEntryCount,
      members: membersOf(durable),
      keys: store.range({ prefix: '', after: null, limit: 10_000 }).items.map((item) => kept(item)),
    },
  };
}

function placeOf({ snapshot, entries, hardState }: DurableState): Omit<GoldenNode, 'id' | 'instanceId' | 'bootNumber'> {
  const { lastIncludedIndex, lastIncludedTerm } = snapshot ?? { lastIncludedIndex: 0, lastIncludedTerm: 0 };
  const last = entries.at(-1) ?? { index: lastIncludedIndex, term: lastIncludedTerm };
  const firstIndex = entries[0]?.index ?? lastIncludedIndex + 1;
  return { snapshotIndex: lastIncludedIndex, firstIndex, lastIndex: last.index, lastTerm: last.term, ...hardState };
}

function membersOf({ snapshot, entries }: DurableState): readonly Member[] {
  const changed = entries.findLast(({ kind }) => kind === 'configuration');
  const configuration = changed === undefined ? snapshot?.configuration : decodeConfiguration(changed.data);
  return configuration?.members ?? [];
}

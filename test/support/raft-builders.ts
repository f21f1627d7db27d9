import { encodeText } from '../../src/lib/bytes.js';
import { Random } from '../../src/lib/random.js';
import { Configuration, encodeConfiguration } from '../../src/raft/index.js';
import type {
  CoreConfig,
  DurableState,
  Entry,
  LogIndex,
  Member,
  Message,
  NodeId,
  SnapshotMetadata,
  Term,
} from '../../src/raft/index.js';

/** T of the test nodes. Every timer is drawn as `2 * electionTicks - 1`, so that no story hangs on a seed. */
export const electionTicks = 10;
/** Ticks without a leader after which a test node campaigns. */
export const timeoutTicks = 2 * electionTicks - 1;

/** Draws the highest number of every range. */
export class HighestRandom extends Random {
  constructor() {
    super(0);
  }

  override between(range: { from: number; until: number }): number {
    return range.until - 1;
  }
}

export function coreConfig(nodeId: NodeId, changes: Partial<CoreConfig> = {}): CoreConfig {
  return {
    nodeId,
    instanceId: instanceOf(nodeId),
    bootNumber: 1,
    tickMs: 100,
    electionTimeoutTicks: electionTicks,
    heartbeatIntervalTicks: 2,
    preVote: true,
    checkQuorum: true,
    appendBytesMax: 64 * 1024,
    inflightBatchesMax: 4,
    applyBytesMax: 1024 * 1024,
    logBytesMax: 1024 * 1024,
    mayUseReserve: () => false,
    promoteLagEntriesMax: 10,
    commitPersistTicks: 5,
    ...changes,
  };
}

export function instanceOf(id: NodeId): string {
  return `${id}1`;
}

export function member(id: NodeId, changes: Partial<Member> = {}): Member {
  return {
    id,
    instanceId: instanceOf(id),
    httpAddr: `${id}:80`,
    raftAddr: `${id}:90`,
    role: 'voter',
    promote: true,
    ...changes,
  };
}

/** `voters('a b c', 'd')`: three voters and the learner d. */
export function members(voterIds: string, learnerIds = ''): Configuration {
  const split = (ids: string): string[] => ids.split(' ').filter((id) => id !== '');
  return new Configuration([
    ...split(voterIds).map((id) => member(id)),
    ...split(learnerIds).map((id) => member(id, { role: 'learner' })),
  ]);
}

export function command(index: LogIndex, term: Term, text = `v${index}.${term}`): Entry {
  return { index, term, kind: 'command', timeMs: 0, proposal: null, data: encodeText(text) };
}

export function noop(index: LogIndex, term: Term): Entry {
  return { index, term, kind: 'noop', timeMs: 0, proposal: null, data: new Uint8Array(0) };
}

export function configurationEntry(index: LogIndex, term: Term, configuration: Configuration): Entry {
  return {
    index,
    term,
    kind: 'configuration',
    timeMs: 0,
    proposal: null,
    data: encodeConfiguration(configuration),
  };
}

/** Commands at the indexes from `from` on, one for each term: the notation of Figure 7. */
export function entriesOfTerms(terms: readonly Term[], from: LogIndex = 1): Entry[] {
  return terms.map((term, position) => command(from + position, term));
}

export function snapshotMetadata(
  index: LogIndex,
  term: Term,
  changes: Partial<SnapshotMetadata> = {},
): SnapshotMetadata {
  return {
    lastIncludedIndex: index,
    lastIncludedTerm: term,
    lastIncludedTimeMs: 0,
    configuration: members('a b c'),
    chunkCount: 1,
    byteCount: 1,
    ...changes,
  };
}

/** What a member finds at its start: the members as a snapshot at position 0, so that every log can follow it. */
export function durableState(given: {
  readonly configuration?: Configuration;
  readonly terms?: readonly Term[];
  readonly entries?: readonly Entry[];
  readonly currentTerm?: Term;
  readonly votedFor?: NodeId | null;
  readonly commitIndex?: LogIndex;
}): DurableState {
  const entries = given.entries ?? entriesOfTerms(given.terms ?? []);
  return {
    hardState: {
      currentTerm: given.currentTerm ?? entries.at(-1)?.term ?? 0,
      votedFor: given.votedFor ?? null,
      commitIndex: given.commitIndex ?? 0,
    },
    snapshot: snapshotMetadata(0, 0, { configuration: given.configuration ?? members('a b c') }),
    entries,
  };
}

/** What a node without any history finds. */
export const nothingStored: DurableState = {
  hardState: { currentTerm: 0, votedFor: null, commitIndex: 0 },
  snapshot: null,
  entries: [],
};

type Content<T extends Message['type']> = Omit<
  Extract<Message, { type: T }>,
  'type' | 'from' | 'to' | 'fromInstance' | 'term'
>;

const usualContents: { [T in Message['type']]: Content<T> } = {
  requestVote: { preVote: false, lastLogIndex: 0, lastLogTerm: 0, leaderTransfer: false },
  requestVoteResponse: { preVote: false, granted: true },
  appendEntries: { prevLogIndex: 0, prevLogTerm: 0, entries: [], leaderCommit: 0 },
  appendEntriesResponse: { success: true, prevLogIndex: 0, matchIndex: 0, hintIndex: 0, hintTerm: 0 },
  heartbeat: { leaderCommit: 0, round: 1 },
  heartbeatResponse: { round: 1, storageFull: false, durableIndex: 0 },
  installSnapshot: { snapshot: snapshotMetadata(1, 1), chunk: 0, data: new Uint8Array(1) },
  installSnapshotResponse: { snapshotIndex: 1, snapshotTerm: 1, nextChunk: 0, installed: false },
  readIndexRequest: { batch: 1, confirmation: 'quorum' },
  readIndexResponse: { batch: 1, readIndex: 1 },
  propose: { proposals: [] },
  proposeResponse: { proposedTerm: 1, origin: '', accepted: [], refused: [] },
  changeMembership: { id: { origin: 'x.1', sequence: 1 }, change: { kind: 'remove', id: 'x' } },
  timeoutNow: {},
  handOver: { target: null },
  progressRequest: { request: 1 },
  progressResponse: { request: 1, members: null },
  compareState: { round: 1, index: 0, findings: { comparedIndex: 0, divergences: [] } },
  compareStateResponse: { round: 1, index: 0, checksum: 'x' },
  stateDiverged: {
    round: 1,
    divergence: {
      index: 0,
      majorityChecksum: 'x',
      members: [{ id: 'b', instanceId: 'b1', checksum: 'y' }],
      ageMs: 0,
    },
  },
};

/**
 * A message from one test node to another: `message('b->a', 2, 'requestVote', { lastLogIndex: 4, lastLogTerm: 1 })`.
 *
 * What is not given is empty, zero or the usual case.
 */
export function message<T extends Message['type']>(
  route: string,
  term: Term,
  type: T,
  content: Partial<Content<T>> & { readonly fromInstance?: string } = {},
): Message {
  const [from = '', to = ''] = route.split('->');
  const complete = { ...usualContents[type], ...content };
  return { fromInstance: instanceOf(from), ...complete, type, from, to, term } as unknown as Message;
}

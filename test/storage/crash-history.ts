import { crc32 } from 'node:zlib';
import { nextEpoch } from '../../src/lib/cluster-epoch.js';
import type { Random } from '../../src/lib/random.js';
import type { LogWrite, StoredLog } from '../../src/ports/log-store.port.js';
import type { SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import type { LogIndex, Term } from '../../src/raft/index.js';
import { chunksAt, entries, hardState, places, takeSnapshot } from './samples.js';
import { InMemoryDisk } from '../support/in-memory-stores.js';
import type { StartedStores } from './store-fixture.js';

/** What a start finds, as far as it matters. */
export interface FoundState {
  readonly entries: StoredLog['entries'];
  /** Cluster, term, vote, commit index; and the newest snapshot with the sum of its bytes. */
  readonly rest: string;
}

/** One step of a history. */
export interface CrashStep {
  readonly what: string;
  /** It frees entries piece by piece, and may keep some that it was told to free. */
  readonly isFreeing: boolean;
  run(stores: StartedStores): Promise<void>;
}

interface Known {
  readonly first: LogIndex;
  readonly last: LogIndex;
  readonly term: Term;
  readonly voted: string | null;
  readonly commit: LogIndex;
  readonly snapshot: LogIndex;
  readonly clusterId: string | null;
}

const longestAppend = 6;

/** Crashes in all: more by RAFTDB_TEST_CRASH_POINTS. */
export function crashPoints(usual: number): number {
  return Number(process.env.RAFTDB_TEST_CRASH_POINTS ?? usual);
}

/** Others by RAFTDB_TEST_CRASH_SEED. */
export const crashSeed = Number(process.env.RAFTDB_TEST_CRASH_SEED ?? 2024);

/** Draws a step that a node could take from where its data are: appends, conflicts, votes, compactions, snapshots. */
export function drawStep(random: Random, state: FoundState): CrashStep {
  const known = knownOf(state);
  // The node's own snapshots end at or before what it knows to be committed.
  if (known.snapshot > known.commit) {
    return dropStep(known);
  }
  const draws = [appendStep, appendStep, conflictStep, voteStep, compactStep, snapshotStep, resetStep, rescueStep];
  const draw = draws[random.between({ from: 0, until: draws.length })] ?? appendStep;
  return draw(random, known) ?? appendStep(random, known);
}

function appendStep(random: Random, { last, term, voted, commit }: Known): CrashStep {
  const count = random.between({ from: 1, until: longestAppend });
  const added = entries({ first: last + 1, last: last + count, term });
  return write(`append ${count}`, {
    reset: null,
    entries: added,
    hardState: hardState(term, random.chance(0.5) ? last : commit, voted),
  });
}

function conflictStep(random: Random, { first, last, term, commit }: Known): CrashStep | null {
  const lowest = Math.max(first, commit + 1);
  if (lowest > last) {
    return null;
  }
  const from = random.between({ from: lowest, until: last + 1 });
  const until = from + random.between({ from: 0, until: longestAppend });
  const added = entries({ first: from, last: until, term: term + 1 });
  return write(`a conflict at ${from}`, { reset: null, entries: added, hardState: hardState(term + 1, commit, 'n2') });
}

function voteStep(random: Random, { term, commit }: Known): CrashStep {
  const voted = random.chance(0.5) ? 'n2' : null;
  return write('a vote', { reset: null, entries: [], hardState: hardState(term + 1, commit, voted) });
}

function compactStep(random: Random, { first, snapshot }: Known): CrashStep | null {
  if (snapshot < first) {
    return null;
  }
  const upTo = random.between({ from: first, until: snapshot + 1 });
  return { what: `a compaction up to ${upTo}`, isFreeing: true, run: ({ log }) => log.compact(upTo) };
}

function snapshotStep(random: Random, { commit, snapshot }: Known): CrashStep | null {
  if (commit <= snapshot) {
    return null;
  }
  const index = random.between({ from: snapshot + 1, until: commit + 1 });
  const chunks = chunksAt(index, random.between({ from: 1, until: 4 }));
  return {
    what: `a snapshot at ${index}`,
    isFreeing: false,
    run: ({ snapshots }) => takeSnapshot(snapshots, index, { chunks }),
  };
}

/** A snapshot that was received takes the place of the log, once it is durable itself. */
function resetStep(random: Random, { last, term, voted }: Known): CrashStep {
  const index = last + random.between({ from: 5, until: 20 });
  return {
    what: `a received snapshot at ${index}`,
    isFreeing: false,
    run: async ({ log, snapshots }) => {
      await takeSnapshot(snapshots, index, { draft: 'received' });
      await log.write({ reset: { index, term }, entries: [], hardState: hardState(term, index, voted) });
    },
  };
}

/** The name, or the next epoch of it, together with an entry in a term of its own. */
function rescueStep(random: Random, { clusterId, last, term, commit }: Known): CrashStep {
  const next = clusterId === null ? 'c1' : nextEpoch(clusterId, random.fraction().toString(16).slice(2).padEnd(8, '0'));
  const content = {
    reset: null,
    entries: entries({ first: last + 1, last: last + 1, term: term + 1 }),
    hardState: hardState(term + 1, commit),
  };
  return { what: `cluster ${next}`, isFreeing: false, run: ({ log }) => log.setClusterId(next, content) };
}

/** What a start does where a crash came between a received snapshot and its place in the log. */
function dropStep({ term, voted, snapshot: index }: Known): CrashStep {
  const state = hardState(term, index, voted);
  return write('a log that ends before its snapshot', { reset: { index, term }, entries: [], hardState: state });
}

function write(what: string, content: LogWrite): CrashStep {
  return { what, isFreeing: false, run: ({ log }) => log.write(content) };
}

function knownOf({ entries: stored, rest }: FoundState): Known {
  const [clusterId, storedTerm, votedFor, commit, snapshot] = JSON.parse(rest) as [
    string | null,
    Term,
    string | null,
    LogIndex,
    LogIndex,
    number,
  ];
  const last = stored.at(-1)?.index ?? Math.max(snapshot, commit);
  const term = Math.max(1, storedTerm);
  const voted = term === storedTerm ? votedFor : null;
  return { first: stored[0]?.index ?? last + 1, last, term, voted, commit, snapshot, clusterId };
}

/** Opens the stores and reads everything. */
export async function findState({ log, snapshots }: StartedStores): Promise<FoundState> {
  const { entries: stored, hardState: state, identity } = await log.open('n1');
  const { currentTerm, votedFor, commitIndex } = state ?? hardState(0);
  const { index, sum } = await snapshotOf(snapshots);
  return {
    entries: stored,
    rest: JSON.stringify([identity.clusterId, currentTerm, votedFor, commitIndex, index, sum]),
  };
}

async function snapshotOf(snapshots: SnapshotStore): Promise<{ index: LogIndex; sum: number }> {
  const latest = await snapshots.latest();
  let sum = 0;
  for (let chunk = 0; chunk < (latest?.chunkCount ?? 0); chunk += 1) {
    sum = crc32((await snapshots.read(latest?.lastIncludedIndex ?? 0, chunk)) ?? new Uint8Array(), sum);
  }
  return { index: latest?.lastIncludedIndex ?? 0, sum };
}

/** Before and after a step, as the store without a database has it. */
export interface Passage {
  readonly step: CrashStep;
  readonly before: FoundState;
  readonly after: FoundState;
  /** Whether the store has said that the step is done: it is found then, all of it. */
  readonly isDone: boolean;
}

/** Fails with the words of the step where the crash left what it may not. */
export function judge(found: FoundState, passage: Passage, where: string): void {
  if (!isAllowed(found, passage)) {
    const show = (state: FoundState): string => `${places(state.entries)} ${state.rest}`;
    const { step, before, after, isDone } = passage;
    const what = `${step.what}${isDone ? ', which was done' : ''}`;
    throw new Error(`${where}, ${what}: found ${show(found)}\n  before it ${show(before)}\n  after it ${show(after)}`);
  }
}

/**
 * Whether a crash in a step may leave this: in each part all of what was before or of what comes after. A snapshot is
 * durable before the log that it replaces is dropped, and a compaction frees piece by piece.
 */
function isAllowed(found: FoundState, { step, before, after, isDone }: Passage): boolean {
  const [log = '', was = '', becomes = ''] = [found, before, after].map(({ entries: stored }) => places(stored));
  if (step.isFreeing) {
    return was.endsWith(log) && log.endsWith(becomes) && found.rest === before.rest;
  }
  const isNew = log === becomes && found.rest === after.rest;
  return isNew || (!isDone && log === was && [before.rest, snapshotFirst(before, after)].includes(found.rest));
}

/** The rest with the snapshot of after a step, and everything else as before it. */
function snapshotFirst(before: FoundState, after: FoundState): string {
  const [old = [], next = []] = [before, after].map(({ rest }) => JSON.parse(rest) as unknown[]);
  return JSON.stringify([...old.slice(0, 4), ...next.slice(4)]);
}

/** What the stores of a database should hold: the store without one, which takes the same steps. */
export class CrashModel {
  private disk = new InMemoryDisk();

  /** Takes the step; what it comes to is what a database should hold, unless it crashed. */
  async take(step: CrashStep): Promise<{ readonly before: FoundState; readonly after: FoundState }> {
    const before = await this.look();
    const stores = this.disk.start();
    await stores.log.open('n1');
    await step.run(stores);
    return { before, after: await this.look() };
  }

  async look(): Promise<FoundState> {
    return findState(this.disk.start());
  }

  /** The disk as it is; {@link CrashModel.resume} goes on from it and from what a database was found to hold. */
  get held(): InMemoryDisk {
    return Object.assign(new InMemoryDisk(), this.disk);
  }

  /** Goes on from what was found after a step, which held `former` before. */
  async resume(found: FoundState, former: InMemoryDisk): Promise<void> {
    const after = this.held;
    const state = (disk: InMemoryDisk): Promise<FoundState> =>
      findState(Object.assign(new InMemoryDisk(), disk).start());
    const [was, becomes] = [await state(former), await state(after)];
    const snapshotOf = ({ rest }: FoundState): string => JSON.stringify((JSON.parse(rest) as unknown[]).slice(3));
    const source = places(found.entries) === places(becomes.entries) && found.rest === becomes.rest ? after : former;
    const snapshots = snapshotOf(found) === snapshotOf(was) ? former.snapshots : after.snapshots;
    const first = found.entries[0]?.index ?? null;
    const freed = former.entries.find(({ index }) => index + 1 === first);
    const base = freed === undefined ? source.position.base : { index: freed.index, term: freed.term };
    const isFreed = freed !== undefined && places(found.entries) !== places(source.entries);
    this.disk = Object.assign(
      new InMemoryDisk(),
      source,
      { snapshots },
      isFreed ? { entries: found.entries, position: { ...source.position, base } } : {},
    );
  }
}

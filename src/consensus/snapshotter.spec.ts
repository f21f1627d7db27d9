import { beforeEach, describe, expect, it } from '@jest/globals';
import { SimStateMachine } from '../../test/simulation/sim-state-machine.js';
import { leadingNode } from '../../test/support/leading-node.js';
import { durableState, electionTicks, members } from '../../test/support/raft-builders.js';
import type { TestNode } from '../../test/support/raft-node.js';
import { idempotencyLimits } from '../state-machine/index.js';
import { Applier } from './applier.js';
import type { LoopEffects, SnapshotPlan } from './loop-effects.js';
import { PendingProposals } from './pending-proposals.js';
import { PendingReads } from './pending-reads.js';
import { Snapshotter } from './snapshotter.js';

let node: TestNode;
let applier: Applier;
let snapshotter: Snapshotter;
let stateMachine: SimStateMachine;
/** Index of each snapshot that was begun. */
let begun: number[];
/** Up to where the stored log was freed, each time. */
let compacted: number[];

beforeEach(() => {
  const config = { mayUseReserve: () => true };
  node = leadingNode({ config, durable: durableState({ configuration: members('a') }) });
  begun = [];
  compacted = [];
  stateMachine = new SimStateMachine(idempotencyLimits, 1000);
  const waiting = {
    proposals: new PendingProposals('a', { countMax: 10, bytesMax: 1000 }),
    reads: new PendingReads(10, { index: 0, revision: 0 }),
  };
  applier = new Applier(stateMachine, waiting, 0);
  const effects = {
    takeSnapshot: ({ position }: SnapshotPlan) => begun.push(position.lastIncludedIndex),
    compactLog: (index: number) => compacted.push(index),
  } as unknown as LoopEffects;
  const limits = { entries: 10, bytes: 1000, statePart: 1 / 8, keepEntries: 4, logBytesMax: 100_000 };
  snapshotter = new Snapshotter(node.core, applier, { stateMachine, effects, limits });
});

/** Applies entries up to `index`, which are no commands of the store. */
function applyUpTo(index: number, text = ''): void {
  const { log } = node.state;
  node.propose(...Array.from({ length: index - log.lastIndex }, () => `\0${text}`));
  applier.apply(log.slice(applier.lastApplied + 1, { last: index, bytesMax: 1_000_000 }));
}

/** The snapshot under way is durable. */
function finish(): void {
  node.takeSnapshot();
  snapshotter.noteTaken();
}

/** Lets election timeouts pass. @returns The snapshots that were begun meanwhile. */
function pass(timeouts: number): number[] {
  node.tick(timeouts * electionTicks);
  snapshotter.maybeStart();
  return begun.splice(0);
}

function noteStorage(isFull: boolean): void {
  node.input((core) => {
    core.noteStorage(isFull);
  });
}

describe('a snapshot', () => {
  it('is due by entries, one at a time, and the log keeps some entries before it', () => {
    applyUpTo(9);
    expect(pass(0)).toEqual([]);
    applyUpTo(10);
    expect([pass(0), pass(0)]).toEqual([[10], []]);
    finish();
    expect(compacted).toEqual([6]);
  });

  it('is due by bytes', () => {
    applyUpTo(3, 'y'.repeat(400));
    expect(pass(0)).toEqual([]);
    applyUpTo(4, 'y'.repeat(400));
    expect(pass(0)).toEqual([4]);
  });
});

describe('a snapshot of a large state', () => {
  it('is due by entries that are an eighth of its records', () => {
    stateMachine.size = () => ({ records: 160, bytes: 0 });
    applyUpTo(19);
    expect(pass(0)).toEqual([]);
    applyUpTo(20);
    expect(pass(0)).toEqual([20]);
  });

  it('is due by bytes that are an eighth of its own', () => {
    stateMachine.size = () => ({ records: 0, bytes: 16_000 });
    applyUpTo(5, 'y'.repeat(400));
    expect(pass(0)).toEqual([]);
    applyUpTo(6, 'y'.repeat(400));
    expect(pass(0)).toEqual([6]);
  });
});

describe('a snapshot that found no space', () => {
  it('is tried again after a pause that doubles', () => {
    applyUpTo(4, 'y'.repeat(400));
    expect(pass(0)).toEqual([4]);
    for (const timeouts of [10, 20, 40, 80, 160, 160]) {
      snapshotter.noteFailed();
      expect([pass(timeouts - 1), pass(1)]).toEqual([[], [4]]);
    }
    expect(compacted).toEqual([]);
  });

  it('that failed is no reason to keep what an earlier one made useless', () => {
    applyUpTo(10);
    pass(0);
    finish();
    applyUpTo(20);
    expect(pass(0)).toEqual([20]);
    snapshotter.noteFailed();
    compacted.splice(0);
    applyUpTo(30, 'z'.repeat(6000));
    expect(pass(0)).toEqual([]);
    expect(compacted).toEqual([10]);
  });

  it('is tried again once there is room', () => {
    applyUpTo(10);
    pass(0);
    snapshotter.noteFailed();
    snapshotter.noteRoom();
    expect(pass(0)).toEqual([10]);
  });
});

describe('while the storage is full', () => {
  it('a snapshot is due from time to time where anything was applied, and the log keeps nothing before it', () => {
    applyUpTo(10);
    pass(0);
    finish();
    noteStorage(true);
    expect(pass(60)).toEqual([]);
    applyUpTo(11);
    expect(pass(0)).toEqual([11]);
    finish();
    expect(compacted).toEqual([6, 11]);
    applyUpTo(12);
    expect([pass(29), pass(1)]).toEqual([[], [12]]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { command, noop, snapshotMetadata } from '../../test/support/raft-builders.js';
import { TextStateMachine } from '../../test/support/text-state-machine.js';
import type { StateRestore } from '../ports/state-machine.port.js';
import { Applier } from './applier.js';
import { PendingProposals } from './pending-proposals.js';
import { PendingReads } from './pending-reads.js';

function newApplier() {
  const proposals = new PendingProposals('x.1', { countMax: 1, bytesMax: 1 });
  const reads = new PendingReads(1, { index: 0, revision: 0 });
  const stateMachine = new TextStateMachine();
  const applier = new Applier(stateMachine, { proposals, reads }, 0);
  const taken: (string | null)[] = [];
  const captureAt = (index: number): void => {
    applier.captureAt(index, (checksum) => taken.push(checksum));
  };
  /** A snapshot of a state with one text. */
  const restoring = (text: string): StateRestore => ({
    ...stateMachine.startRestore(),
    finish: () => stateMachine.texts.splice(0, Infinity, text),
  });
  return { applier, taken, captureAt, restoring };
}

const entries = [command(1, 1, 'p'), command(2, 1, 'q'), noop(3, 2), command(4, 2, 'r')];

describe('the checksum at one index', () => {
  it('is taken inside a slice', () => {
    const { applier, taken, captureAt } = newApplier();
    captureAt(2);
    expect(taken).toEqual([]);
    applier.apply(entries);
    expect(taken).toEqual(['1=p 2=q']);
  });

  it('is taken at an entry that is no command, and in a later slice', () => {
    const { applier, taken, captureAt } = newApplier();
    captureAt(3);
    applier.apply(entries.slice(0, 2));
    expect(taken).toEqual([]);
    applier.apply(entries.slice(2));
    expect(taken).toEqual(['1=p 2=q']);
  });

  it('is taken at once where it is applied last, and cannot be had where more is', () => {
    const { applier, taken, captureAt } = newApplier();
    applier.apply(entries);
    captureAt(4);
    captureAt(3);
    expect(taken).toEqual(['1=p 2=q 4=r', null]);
  });

  it('is that of a snapshot which ends there, and cannot be had where one goes past', () => {
    const { applier, taken, captureAt, restoring } = newApplier();
    applier.apply(entries);
    captureAt(8);
    applier.install(snapshotMetadata(9, 2), restoring('restored'));
    captureAt(12);
    applier.install(snapshotMetadata(12, 2), restoring('once more'));
    expect(taken).toEqual([null, 'once more']);
  });

  it('is taken for whoever asked last alone, and once', () => {
    const { applier, taken, captureAt } = newApplier();
    captureAt(1);
    captureAt(2);
    applier.apply(entries);
    applier.apply([command(5, 2, 's')]);
    expect(taken).toEqual(['1=p 2=q']);
  });
});

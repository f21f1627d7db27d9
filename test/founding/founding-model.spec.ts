import { describe, expect, it } from '@jest/globals';
import { emptyNodes, nameOf, nextStep } from '../../src/cluster/founding/founding-step.js';
import type { PeerReport } from '../../src/cluster/founding/peer-report.js';
import type { Founder } from '../../src/consensus/founding.js';
import { Random } from '../../src/lib/random.js';
import { FoundingModel } from './founding-model.js';
import type { Decide, ModelOptions } from './founding-model.js';

const runs = 4000;

/** Seeds of runs at whose end, or before, more than one cluster could elect a leader or held what one node stored. */
function seedsWithTwo(options: Omit<ModelOptions, 'steps'>): number[] {
  return Array.from({ length: runs }, (_, seed) => seed).filter((seed) => {
    const model = new FoundingModel(new Random(seed), { steps: 200, ...options });
    return model.run().length > 1;
  });
}

/** Founds with as many as it needs, whoever else does not answer. */
const hasty: Decide = (view) => {
  const step = nextStep(view);
  const founders = emptyNodes(view.reports).slice(0, view.expect);
  return step.kind === 'wait' && founders.length === view.expect
    ? { kind: 'found', founders: founders.map(asFounder) }
    : step;
};

/** Founds with whoever it sees, whatever they have seen themselves, though some addresses do not answer. */
const trusting: Decide = (view) => {
  const { reports } = view;
  const sees = emptyNodes(reports).map(nameOf);
  return nextStep({ ...view, addressCount: reports.length, reports: reports.map((each) => ({ ...each, sees })) });
};

function asFounder({ nodeId: id, instanceId, httpAddr, raftAddr }: PeerReport): Founder {
  return { id, instanceId, httpAddr, raftAddr };
}

describe('nodes that found together', () => {
  it('never found two clusters, although a disk is wiped at any moment', () => {
    expect(seedsWithTwo({ decide: nextStep, wipesMax: 1 })).toEqual([]);
  }, 60_000);

  it('never found two clusters although there are more nodes than they expect', () => {
    expect(seedsWithTwo({ decide: nextStep, wipesMax: 1, surplus: 1 })).toEqual([]);
  }, 60_000);

  it('found one in the end where nothing keeps them from it', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const model = new FoundingModel(new Random(seed), { decide: nextStep, steps: 100, wipesMax: 0 });
      model.run();
      model.settle();
      expect(new Set(model.slots.map(({ disk }) => disk.clusterId)).size).toBe(1);
      expect(model.slots[0]?.disk.clusterId).not.toBeNull();
    }
  }, 60_000);

  it.each<[string, Decide]>([
    ['choose some of those that are there', hasty],
    ['do not wait for what the others see', trusting],
  ])(
    'found two where they %s',
    (_what, decide) => {
      expect(seedsWithTwo({ decide, wipesMax: 1, surplus: 1 }).length).toBeGreaterThan(0);
    },
    60_000,
  );
});

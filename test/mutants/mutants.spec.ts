import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applyEdits } from './apply-edits.js';
import { CompiledCopy } from './compiled-copy.js';
import { hunt } from './hunt.js';
import type { Catch } from './hunt.js';
import { inJobs } from '../support/in-jobs.js';
import { readKillingSeeds } from './killing-seeds.js';
import { isForSimulator, mutants } from './mutants.js';
import { readSource } from './sources.js';

/** Far above what the runs take on a busy machine, in milliseconds. */
const timeoutMs = 600_000;

/** Processes that run seeds at a time. */
const jobs = 2;

/** Runs without any bug that show that it is the bugs that are found. */
const controlRuns = 3;

const kept = readKillingSeeds();

function byId(id: string) {
  return mutants.find((mutant) => mutant.id === id) ?? { id, bug: '', edits: [], killers: [] };
}

describe('the mutants', () => {
  test('are 55, each with a number and a sentence of its own', () => {
    const ids = Array.from({ length: 55 }, (_, position) => `M${String(position + 1).padStart(2, '0')}`);
    expect(mutants.map((mutant) => mutant.id)).toEqual(ids);
    expect(new Set(mutants.map((mutant) => mutant.bug)).size).toBe(ids.length);
  });

  test.each(mutants.map((mutant) => [mutant.id, mutant] as const))('%s fits the code', (_id, mutant) => {
    expect([...applyEdits(mutant, readSource).values()].join('')).toContain(mutant.edits[0]?.after);
  });

  test('that the simulator must find have a seed that shows them', () => {
    expect(kept.map((each) => each.mutantId)).toEqual(mutants.filter(isForSimulator).map((mutant) => mutant.id));
  });
});

describe('the simulator', () => {
  let copy: CompiledCopy;
  let caught: ReadonlyMap<string, Catch>;

  beforeAll(async () => {
    copy = new CompiledCopy();
    const catches = await inJobs(kept, jobs, async ({ mutantId, seed, events }) => {
      const found = await hunt(copy.plant(byId(mutantId)), { from: seed, until: seed + 1, events });
      return [mutantId, found] as const;
    });
    caught = new Map(catches);
  }, timeoutMs);

  afterAll(() => {
    copy.remove();
  });

  test.each(kept.map((each) => [each.mutantId, byId(each.mutantId).bug, each.invariant] as const))(
    'finds %s: %s',
    (id, _bug, invariant) => {
      expect(caught.get(id)?.failure).toMatchObject({ invariant });
    },
  );

  test(
    'finds nothing in the same runs without a bug',
    async () => {
      for (const { seed, events } of kept.slice(0, controlRuns)) {
        expect(await hunt(copy.runner, { from: seed, until: seed + 1, events })).toEqual({ seed, failure: null });
      }
    },
    timeoutMs,
  );
});

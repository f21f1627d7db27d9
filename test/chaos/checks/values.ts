import type { Finding, Observation } from '../workload/observation.js';
import { describe } from './describe.js';
import type { WriteIndex } from './write-index.js';

/** A value that was seen under a key. */
export interface SeenValue {
  readonly key: string;
  readonly value: string;
  /** The key's, where it was shown. */
  readonly revision: number | null;
  /** Who saw it, for the report. */
  readonly seenBy: string;
}

/**
 * Every value that anybody ever saw, at any level, is one that was written: never one that was refused as "did not
 * happen", and under one revision only, since a repeated write has one effect.
 */
export function checkValues(index: WriteIndex, seen: readonly SeenValue[]): Finding[] {
  const revisions = new Map<string, SeenValue>();
  const findings: Finding[] = [];
  for (const sight of seen) {
    const write = index.find(sight.key, sight.value);
    if (write === undefined) {
      findings.push({ check: 'values', text: `nobody wrote ${sight.value} to ${sight.key}, seen by ${sight.seenBy}` });
      continue;
    }
    if (write.outcome === 'fail' || write.outcome === 'refused') {
      const text = `${describe(write.source)} was answered as not done, but was seen by ${sight.seenBy}`;
      findings.push({ check: 'refused writes', text });
      continue;
    }
    findings.push(...secondEffect(revisions, sight, write.revision));
  }
  return findings;
}

/** The values that the reads of the workload showed. */
export function valuesRead(observations: readonly Observation[]): SeenValue[] {
  return observations.flatMap((observation) => {
    const { operation } = observation;
    const value = operation.op === 'get' ? (operation.output?.value ?? null) : null;
    if (operation.op !== 'get' || value === null) {
      return [];
    }
    const revision = operation.output?.revision ?? null;
    return [{ key: operation.key, value: String(value), revision, seenBy: describe(observation) }];
  });
}

function secondEffect(
  revisions: Map<string, SeenValue>,
  sight: SeenValue,
  acknowledged: number | null,
): readonly Finding[] {
  if (sight.revision === null) {
    return [];
  }
  const name = `${sight.key} ${sight.value}`;
  const first = revisions.get(name);
  revisions.set(name, first ?? sight);
  const expected = acknowledged ?? first?.revision ?? sight.revision;
  if (expected === sight.revision) {
    return [];
  }
  const text =
    `${sight.value} of ${sight.key} has revision ${expected} and revision ${sight.revision}: ` +
    `the write had two effects, the other one seen by ${sight.seenBy}`;
  return [{ check: 'effects of a write', text }];
}

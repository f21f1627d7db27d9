import type { Item } from '../workload/reads.js';
import type { Finding } from '../workload/observation.js';
import { nameOfValue } from '../workload/values.js';
import { oncePrefix } from '../workload/writes.js';
import { describe } from './describe.js';
import { checkValues } from './values.js';
import type { KeyWrite, WriteIndex } from './write-index.js';

/** What one node holds once everything is healed and applied. */
export interface FinalState {
  readonly nodeId: string;
  readonly checksum: string;
  readonly items: readonly Item[];
}

/** Every node holds the same, nothing acknowledged is lost, nothing refused is there, nothing was done twice. */
export function checkFinalStates(index: WriteIndex, states: readonly FinalState[]): Finding[] {
  const lastWrites = lastAcknowledged(index);
  return [
    ...checkReplicas(states),
    ...states.flatMap((state) => [
      ...checkValues(index, valuesOf(state)),
      ...lostWrites(index, lastWrites, state),
      ...doubledWrites(state),
    ]),
  ];
}

function checkReplicas(states: readonly FinalState[]): Finding[] {
  const [first, ...others] = states;
  return others.flatMap((other) => {
    const isSame = other.checksum === first?.checksum && JSON.stringify(other.items) === JSON.stringify(first.items);
    if (isSame || first === undefined) {
      return [];
    }
    const text = `${first.nodeId} (${first.checksum}) and ${other.nodeId} (${other.checksum}): ${firstDifference(first, other)}`;
    return [{ check: 'replicas differ', text }];
  });
}

function firstDifference(left: FinalState, right: FinalState): string {
  const ofRight = new Map(right.items.map((item) => [item.key, item]));
  const differing = left.items.find((item) => JSON.stringify(item) !== JSON.stringify(ofRight.get(item.key)));
  if (differing !== undefined) {
    return `${shown(differing)} against ${shown(ofRight.get(differing.key))}`;
  }
  return left.items.length === right.items.length
    ? 'the keys are the same, what is remembered of writes is not'
    : `${left.items.length} keys against ${right.items.length}`;
}

function shown(item: Item | undefined): string {
  return item === undefined
    ? 'no such key'
    : `${item.key} = ${nameOfValue(item.value)} of revision ${item.modRevision}`;
}

function valuesOf({ nodeId, items }: FinalState) {
  return items.map(({ key, value, modRevision }) => {
    return { key, value: nameOfValue(value), revision: modRevision, seenBy: `${nodeId} in the end` };
  });
}

/** The acknowledged write of each key with the highest revision. */
function lastAcknowledged(index: WriteIndex): Map<string, KeyWrite> {
  const last = new Map<string, KeyWrite>();
  for (const write of index.writes) {
    if (write.revision !== null && write.revision > (last.get(write.key)?.revision ?? 0)) {
      last.set(write.key, write);
    }
  }
  return last;
}

function lostWrites(index: WriteIndex, lastWrites: ReadonlyMap<string, KeyWrite>, state: FinalState): Finding[] {
  const items = new Map(state.items.map((item) => [item.key, item]));
  const maybeDeleted = new Set(
    index.writes.filter(({ value, outcome }) => value === null && outcome === 'unknown').map(({ key }) => key),
  );
  const findings: Finding[] = [];
  for (const [key, write] of lastWrites) {
    const item = items.get(key);
    const isThere = item === undefined ? write.value === null || maybeDeleted.has(key) : isNoOlder(item, write);
    if (!isThere) {
      const text = `${state.nodeId} holds ${shown(item)}, but this was acknowledged: ${describe(write.source)}`;
      findings.push({ check: 'lost write', text });
    }
  }
  return findings;
}

function isNoOlder(item: Item, write: KeyWrite): boolean {
  const revision = write.revision ?? 0;
  return item.modRevision > revision || (item.modRevision === revision && nameOfValue(item.value) === write.value);
}

/** A key that one request writes has one version. */
function doubledWrites({ nodeId, items }: FinalState): Finding[] {
  return items
    .filter(({ key, version }) => key.startsWith(oncePrefix) && version !== 1)
    .map(({ key, version }) => {
      return {
        check: 'effects of a write',
        text: `${nodeId} holds ${key} in version ${version}: written more than once`,
      };
    });
}

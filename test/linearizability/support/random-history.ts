import type { Random } from '../../../src/lib/random.js';
import { at } from '../../../src/lib/assert.js';
import type { Operation, WriteCondition } from '../history.js';
import { SimpleStore } from './simple-store.js';
import type { SimpleOperation } from './simple-store.js';

/** What a random history is made of. */
export interface HistoryShape {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /** Each value is written once; otherwise one of three. */
  readonly uniqueValues: boolean;
  readonly deletes: boolean;
  readonly conditions: boolean;
  /** Writes and reads show revisions, and refusals show what they found. */
  readonly revisions: boolean;
  readonly unknownChance: number;
  /** Milliseconds that an operation takes at most. With few of them many times are equal. */
  readonly durationMax: number;
}

/** An operation with the moment at which it takes effect; null: it never does. */
interface Planned {
  readonly operation: SimpleOperation;
  readonly effect: number | null;
}

/** A history of a store that takes each operation at one moment between its start and its end: it is linearizable. */
export function randomHistory(random: Random, shape: HistoryShape): Operation[] {
  const store = new SimpleStore(shape.revisions);
  const inOrder = plan(random, shape).sort((a, b) => (a.effect ?? 0) - (b.effect ?? 0));
  const history = inOrder.map(({ operation, effect }): Operation => {
    const answered = effect === null ? operation : store.take(operation);
    return operation.outcome === 'unknown' ? operation : answered;
  });
  return history.sort((a, b) => a.start - b.start);
}

function plan(random: Random, shape: HistoryShape): Planned[] {
  const free = Array.from({ length: shape.processes }, () => random.between({ from: 0, until: 4 }));
  return Array.from({ length: shape.operations }, (_, index) => {
    const process = random.between({ from: 0, until: shape.processes });
    const start = at(free, process) + random.between({ from: 0, until: 3 });
    const end = start + random.between({ from: 0, until: shape.durationMax + 1 });
    free[process] = end + random.between({ from: 0, until: 2 });
    const operation = request(random, shape, { process, start, end, index });
    if (operation.op === 'get' || !random.chance(shape.unknownChance)) {
      return { operation, effect: start + random.fraction() * (end - start) };
    }
    if (random.chance(0.2)) {
      return { operation: { ...operation, outcome: 'fail' }, effect: null };
    }
    const late = start + random.fraction() * shape.durationMax * 5;
    return { operation: { ...operation, outcome: 'unknown' }, effect: random.chance(0.6) ? late : null };
  });
}

function request(
  random: Random,
  shape: HistoryShape,
  { process, start, end, index }: { process: number; start: number; end: number; index: number },
): SimpleOperation {
  const key = `k${random.between({ from: 0, until: shape.keys })}`;
  const base = { process, start, end, key, outcome: 'ok' as const };
  const kind = random.fraction();
  if (kind < 0.45) {
    return { ...base, op: 'get', output: { value: null } };
  }
  const condition = shape.conditions && random.chance(0.4) ? randomCondition(random, index) : {};
  if (shape.deletes && kind < 0.6) {
    return { ...base, op: 'delete', input: condition };
  }
  const value = shape.uniqueValues ? `v${index}` : `v${random.between({ from: 0, until: 3 })}`;
  return { ...base, op: 'put', input: { ...condition, value } };
}

function randomCondition(random: Random, index: number): WriteCondition {
  const kind = random.fraction();
  if (kind < 0.7) {
    return { ifMatch: random.between({ from: 1, until: Math.max(2, Math.ceil(index / 2)) }) };
  }
  return kind < 0.85 ? { ifMatch: '*' } : { ifNoneMatch: '*' };
}

/** The same history with one thing changed, which may or may not be possible. */
export function mutate(random: Random, operations: readonly Operation[]): Operation[] {
  const index = random.between({ from: 0, until: operations.length });
  const chosen = at(operations, index);
  const donor = at(operations, random.between({ from: 0, until: operations.length }));
  const change = random.between({ from: 0, until: 4 });
  const changed = [...operations];
  if (change === 0) {
    changed.splice(index, 1);
  } else {
    changed[index] = withOtherOutcome(random, chosen) ?? withOutputOf(chosen, donor) ?? atOtherTime(random, chosen);
  }
  return changed.sort((a, b) => a.start - b.start);
}

function withOtherOutcome(random: Random, chosen: Operation): Operation | null {
  if (chosen.op === 'get' || chosen.outcome !== 'unknown' || random.chance(0.5)) {
    return null;
  }
  return { ...chosen, outcome: random.chance(0.5) ? 'fail' : 'ok' };
}

function withOutputOf(chosen: Operation, donor: Operation): Operation | null {
  const canTake = chosen.op === 'get' && donor.op === 'get' && donor.output !== undefined;
  return canTake ? { ...chosen, output: donor.output } : null;
}

function atOtherTime(random: Random, chosen: Operation): Operation {
  const later = random.between({ from: 0, until: 10 });
  const end = later === 0 ? chosen.start : (chosen.end ?? chosen.start) + later;
  return { ...chosen, start: chosen.start + later, end };
}

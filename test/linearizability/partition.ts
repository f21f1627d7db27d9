import type { Operation, WriteCondition } from './history.js';
import type { Action, Condition, KeyOperation } from './key-operation.js';

/**
 * Splits a history by key. A history is linearizable when it is so for each key alone (Herlihy and Wing 1990, §3.1).
 *
 * What cannot change the verdict is left out: operations that certainly did not happen, reads without an answer, and
 * reads of a level that promises less.
 *
 * @returns The operations of each key in the order in which they began.
 * @throws RangeError for an operation that contradicts itself: an answer without time, a refusal without condition.
 */
export function partition(operations: readonly Operation[]): Map<string, KeyOperation[]> {
  const byKey = new Map<string, KeyOperation[]>();
  for (const source of operations) {
    const end = endOf(source);
    for (const { key, action } of actionsOf(source)) {
      const operation = { key, start: source.start, end, action, source };
      const others = byKey.get(key);
      if (others === undefined) {
        byKey.set(key, [operation]);
      } else {
        others.push(operation);
      }
    }
  }
  for (const ofKey of byKey.values()) {
    ofKey.sort((a, b) => a.start - b.start || a.end - b.end);
  }
  return byKey;
}

function endOf({ outcome, start, end }: Operation): number {
  if (outcome === 'unknown' || outcome === 'fail') {
    return Infinity;
  }
  if (end === null || !(start <= end)) {
    throw new RangeError(`an operation with an answer ends at ${end ?? 'no time'}, but began at ${start}`);
  }
  return end;
}

interface KeyAction {
  readonly key: string;
  readonly action: Action;
}

function actionsOf(operation: Operation): readonly KeyAction[] {
  if (operation.outcome === 'fail') {
    return [];
  }
  switch (operation.op) {
    case 'putMany': {
      const revision = writtenRevision(operation);
      return Object.entries(operation.input.values).map(([key, value]) => ({
        key,
        action: { kind: 'write', value, condition: null, revision },
      }));
    }
    case 'get':
      return readOf(operation);
    default: {
      const action = operation.outcome === 'refused' ? refusalOf(operation) : writeOf(operation);
      return [{ key: operation.key, action }];
    }
  }
}

type SingleWrite = Exclude<Operation, { op: 'get' | 'putMany' }>;

function readOf(operation: Extract<Operation, { op: 'get' }>): readonly KeyAction[] {
  const { key, level, outcome, output } = operation;
  if (outcome !== 'ok' || output === undefined || (level !== undefined && level !== 'consistent')) {
    return [];
  }
  return [{ key, action: { kind: 'read', value: output.value, revision: output.revision ?? null } }];
}

function writeOf(operation: SingleWrite): Action {
  const revision = writtenRevision(operation);
  const condition = conditionOf(operation);
  switch (operation.op) {
    case 'append':
      return { kind: 'append', text: operation.input.value, revision };
    case 'delete':
      return removalOf(operation, condition);
    default:
      return { kind: 'write', value: operation.input.value, condition, revision };
  }
}

/** A removal that found nothing has only seen that the key is not there; the revision it got is not the key's. */
function removalOf(operation: Extract<Operation, { op: 'delete' }>, condition: Condition | null): Action {
  const deleted = operation.outcome === 'ok' ? operation.output?.deleted : undefined;
  if (deleted === false) {
    return { kind: 'read', value: null, revision: null };
  }
  const implied: Condition | null = deleted === true ? { kind: 'exists' } : null;
  return { kind: 'write', value: null, condition: condition ?? implied, revision: writtenRevision(operation) };
}

function refusalOf(operation: SingleWrite): Action {
  const condition = conditionOf(operation);
  if (condition === null) {
    throw new RangeError(`an ${operation.op} without condition cannot be refused`);
  }
  return { kind: 'refusal', condition, revision: operation.output?.revision };
}

function conditionOf(operation: SingleWrite): Condition | null {
  if (operation.op === 'append') {
    return null;
  }
  if (operation.op === 'cas') {
    const { expected } = operation.input;
    return expected === null ? { kind: 'missing' } : { kind: 'value', value: expected };
  }
  return headerCondition(operation.input ?? {});
}

function headerCondition({ ifMatch, ifNoneMatch }: WriteCondition): Condition | null {
  if (ifNoneMatch !== undefined) {
    return { kind: 'missing' };
  }
  if (ifMatch === undefined) {
    return null;
  }
  return ifMatch === '*' ? { kind: 'exists' } : { kind: 'revision', revision: ifMatch };
}

function writtenRevision(operation: Exclude<Operation, { op: 'get' }>): number | null {
  return operation.outcome === 'ok' ? (operation.output?.revision ?? null) : null;
}

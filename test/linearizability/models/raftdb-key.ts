import type { Value } from '../history.js';
import type { Action, Condition } from '../key-operation.js';
import type { Model } from './model.js';

/** A key of the store. */
export interface KeyState {
  /** Null: the key does not exist. */
  readonly value: Value | null;
  /** The revision of the write that holds; with `isExact` false a bound that it lies above. */
  readonly revision: number;
  readonly isExact: boolean;
}

/**
 * A key of raftdb: a value, and the revision of the write that wrote it. Revisions of a key only go up.
 *
 * A write with an unknown outcome has an unknown revision until a read shows it. Where a condition meets one, both
 * answers are possible, so that the model may accept too much there and never too little.
 */
export function raftdbKeyModel(initial: Value | null): Model<KeyState> {
  return {
    initial: { value: initial, revision: 0, isExact: false },
    step: stepKey,
    identity: ({ value, revision, isExact }) =>
      `${revision}${isExact ? '=' : '>'}${typeof value === 'string' ? '"' : ''}${value}`,
  };
}

function stepKey(held: KeyState, action: Action): KeyState | undefined {
  switch (action.kind) {
    case 'read':
      return action.value === held.value ? seen(held, action.revision) : undefined;
    case 'write':
      return mayHold(action.condition, held)
        ? written(replaced(held, action.condition), action.value, action.revision)
        : undefined;
    case 'append':
      return written(held, `${held.value ?? ''}${action.text}`, action.revision);
    case 'refusal':
      return refused(held, action.condition, action.revision);
  }
}

/** The state after someone saw the key exist with this revision. */
function seen(held: KeyState, revision: number | null): KeyState | undefined {
  if (revision === null || held.value === null) {
    return held;
  }
  if (held.isExact) {
    return revision === held.revision ? held : undefined;
  }
  return revision > held.revision ? { value: held.value, revision, isExact: true } : undefined;
}

function written(held: KeyState, value: Value | null, revision: number | null): KeyState | undefined {
  if (revision === null) {
    return { value, revision: held.revision, isExact: false };
  }
  return revision > held.revision ? { value, revision, isExact: value !== null } : undefined;
}

/** The state that a write with this condition found: its success says which revision the key had. */
function replaced(held: KeyState, condition: Condition | null): KeyState {
  return condition?.kind === 'revision' ? { ...held, revision: condition.revision, isExact: true } : held;
}

function refused(held: KeyState, condition: Condition, shown: number | null | undefined): KeyState | undefined {
  if (certainlyHolds(condition, held)) {
    return undefined;
  }
  if (shown === undefined) {
    return held;
  }
  if (shown === null) {
    return held.value === null ? held : undefined;
  }
  if (held.value === null || (condition.kind === 'revision' && condition.revision === shown)) {
    return undefined;
  }
  return seen(held, shown);
}

function mayHold(condition: Condition | null, held: KeyState): boolean {
  if (condition?.kind !== 'revision') {
    return condition === null || valueHolds(condition, held.value);
  }
  if (held.value === null) {
    return false;
  }
  return held.isExact ? condition.revision === held.revision : condition.revision > held.revision;
}

function certainlyHolds(condition: Condition, held: KeyState): boolean {
  if (condition.kind === 'revision') {
    return held.value !== null && held.isExact && condition.revision === held.revision;
  }
  return valueHolds(condition, held.value);
}

function valueHolds(condition: Exclude<Condition, { kind: 'revision' }>, value: Value | null): boolean {
  switch (condition.kind) {
    case 'value':
      return condition.value === value;
    case 'exists':
      return value !== null;
    case 'missing':
      return value === null;
  }
}

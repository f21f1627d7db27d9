import type { Value } from '../history.js';
import type { Action, Condition } from '../key-operation.js';
import type { Model } from './model.js';

/**
 * A register with reads, writes, removals and compare-and-set on the value. It has no revisions: conditions on one are
 * an error.
 */
export function registerModel(initial: Value | null): Model<Value | null> {
  return {
    initial,
    step: stepRegister,
    identity: (value) => (typeof value === 'string' ? `"${value}` : String(value)),
  };
}

function stepRegister(held: Value | null, action: Action): Value | null | undefined {
  switch (action.kind) {
    case 'read':
      return action.value === held ? held : undefined;
    case 'write':
      return action.condition === null || valueHolds(action.condition, held) ? action.value : undefined;
    case 'refusal':
      return valueHolds(action.condition, held) ? undefined : held;
    case 'append':
      throw new RangeError('a register takes no append');
  }
}

function valueHolds(condition: Condition, held: Value | null): boolean {
  switch (condition.kind) {
    case 'value':
      return condition.value === held;
    case 'exists':
      return held !== null;
    case 'missing':
      return held === null;
    case 'revision':
      throw new RangeError('a register has no revisions');
  }
}

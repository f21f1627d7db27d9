import type { Action } from '../key-operation.js';
import type { Model } from './model.js';

/** A text with reads, writes and appends, that is there from the beginning. */
export function appendModel(initial: string): Model<string> {
  return {
    initial,
    step: stepText,
    identity: (text) => text,
  };
}

function stepText(held: string, action: Action): string | undefined {
  switch (action.kind) {
    case 'read':
      return String(action.value ?? '') === held ? held : undefined;
    case 'append':
      return held + action.text;
    case 'write':
      return action.condition === null ? String(action.value ?? '') : noConditions();
    case 'refusal':
      return noConditions();
  }
}

function noConditions(): never {
  throw new RangeError('a text takes no conditions');
}

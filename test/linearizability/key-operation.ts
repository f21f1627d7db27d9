import type { Operation, Value } from './history.js';

/** What a write demands of the key when it takes effect. */
export type Condition =
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'exists' }
  | { readonly kind: 'missing' };

/** What an operation does to one key, together with what its client saw: all that a model needs to say yes or no. */
export type Action =
  | {
      readonly kind: 'read';
      /** Null: the key was not there. */
      readonly value: Value | null;
      /** The key's revision, where the answer said it. */
      readonly revision: number | null;
    }
  | {
      readonly kind: 'write';
      /** Null: the key is removed. */
      readonly value: Value | null;
      readonly condition: Condition | null;
      /** The revision of this write, where it is known. */
      readonly revision: number | null;
    }
  | { readonly kind: 'append'; readonly text: string; readonly revision: number | null }
  | {
      /** A write whose condition did not hold. */
      readonly kind: 'refusal';
      readonly condition: Condition;
      /** The key's revision as the refusal said it, null where the key was not there, undefined where it said nothing. */
      readonly revision: number | null | undefined;
    };

/** The share of an operation in one key. */
export interface KeyOperation {
  readonly key: string;
  /** Milliseconds. It takes effect at `start` or later. */
  readonly start: number;
  /** Milliseconds. It takes effect at `end` or earlier; `Infinity`: at any later time, or never. */
  readonly end: number;
  readonly action: Action;
  readonly source: Operation;
}

/** True when the action never changes the key, whatever it meets. */
export function onlyObserves(action: Action): boolean {
  return action.kind === 'read' || action.kind === 'refusal';
}

/** True when what the action leaves depends on what it meets. */
export function buildsOnState(action: Action): boolean {
  return action.kind === 'append' || (action.kind === 'write' && action.condition !== null);
}

/** True when the operation may also never take effect. */
export function isOpen(operation: KeyOperation): boolean {
  return operation.end === Infinity;
}

import type { KeyOperation } from '../key-operation.js';
import { isOpen } from '../key-operation.js';
import type { Model } from '../models/model.js';

/**
 * Tries every order of a few operations on one key, straight from the definition: for histories of at most ten operations.
 */
export function isLinearizable<State>(operations: readonly KeyOperation[], model: Model<State>): boolean {
  return canFinish(operations, model, model.initial);
}

function canFinish<State>(left: readonly KeyOperation[], model: Model<State>, state: State): boolean {
  if (left.every(isOpen)) {
    return true;
  }
  return left.some((next) => {
    const others = left.filter((other) => other !== next);
    const after = others.some((other) => other.end < next.start) ? undefined : model.step(state, next.action);
    return after !== undefined && canFinish(others, model, after);
  });
}

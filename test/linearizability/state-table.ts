import { at } from '../../src/lib/assert.js';
import type { Action } from './key-operation.js';
import type { Model } from './models/model.js';

/** In place of a state: the action is impossible. */
export const IMPOSSIBLE = -1;

/**
 * The states that a search has met, as numbers from 0, and where each action leads from each of them. A step of the
 * model is taken once, however often the search comes by.
 */
export class StateTable<State> {
  /** The number of the initial state. */
  readonly initial: number;
  private readonly states: State[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<number, number>();

  constructor(
    private readonly model: Model<State>,
    private readonly actions: readonly Action[],
  ) {
    this.initial = this.numberOf(model.initial);
  }

  /** The state after action number `action`, or `IMPOSSIBLE`. */
  step(state: number, action: number): number {
    const transition = state * this.actions.length + action;
    const known = this.known.get(transition);
    if (known !== undefined) {
      return known;
    }
    const next = this.model.step(at(this.states, state), at(this.actions, action));
    const number = next === undefined ? IMPOSSIBLE : this.numberOf(next);
    this.known.set(transition, number);
    return number;
  }

  private numberOf(state: State): number {
    const identity = this.model.identity(state);
    const known = this.numbers.get(identity);
    if (known !== undefined) {
      return known;
    }
    this.numbers.set(identity, this.states.length);
    return this.states.push(state) - 1;
  }
}

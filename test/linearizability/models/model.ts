import type { Action } from '../key-operation.js';

/** The behaviour of one key when nothing is concurrent: what a history is compared with. */
export interface Model<State> {
  /** What the key holds before the first operation. */
  readonly initial: State;
  /**
   * What follows when the action takes effect, or undefined when it cannot have shown in this state what it showed.
   * An action that changes nothing returns `state` itself or one of the same `identity`. A write without condition and
   * revision makes up for another one without revision right before it: without that one no less is possible.
   */
  step(state: State, action: Action): State | undefined;
  /** A text that is equal for equal states and for no others. */
  identity(state: State): string;
}

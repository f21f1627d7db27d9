import { checkLinearizable } from '../check-linearizable.js';
import type { History, Operation, Value } from '../history.js';
import type { Action } from '../key-operation.js';
import type { Model } from '../models/model.js';
import { modelOf } from '../models/model-of.js';
import type { Verdict } from '../report.js';

/** A checker with a mistake that real checkers had; a suite of histories has to notice it. */
export interface BrokenChecker {
  readonly mistake: string;
  readonly judge: (history: History) => Verdict;
}

/** Steps that a broken checker gets: a mistake can make an easy history hard. */
const STEPS_MAX = 300_000;

/** The six of them. */
export const brokenCheckers: readonly BrokenChecker[] = [
  { mistake: 'accepts everything', judge: () => 'linearizable' },
  {
    mistake: 'drops refused operations',
    judge: withOperations((operations) => operations.filter(({ outcome }) => outcome !== 'refused')),
  },
  {
    mistake: 'takes unknown for failed',
    judge: withOperations((operations) => operations.filter(({ outcome }) => outcome !== 'unknown')),
  },
  {
    mistake: 'ignores deletes',
    judge: withOperations((operations) => operations.filter(({ op }) => op !== 'delete')),
  },
  {
    mistake: 'forgets the initial state',
    judge: (history) =>
      checkLinearizable(history.operations, { model: withAnyInitialState(history), stepsMax: STEPS_MAX }).verdict,
  },
  { mistake: 'takes unknown for completed', judge: withOperations(completeUnknown) },
];

function withOperations(change: (operations: readonly Operation[]) => readonly Operation[]): BrokenChecker['judge'] {
  return (history) =>
    checkLinearizable(change(history.operations), { model: modelOf(history), stepsMax: STEPS_MAX }).verdict;
}

function completeUnknown(operations: readonly Operation[]): readonly Operation[] {
  const over = Math.max(...operations.map(({ start, end }) => end ?? start));
  return operations.map((operation) =>
    operation.outcome === 'unknown' && operation.op !== 'get'
      ? { ...operation, outcome: 'ok', end: operation.end ?? over }
      : operation,
  );
}

/** A key that may hold anything until someone looks. */
function withAnyInitialState(history: History): Model<{ readonly held: unknown } | null> {
  const model = modelOf(history);
  return {
    initial: null,
    step: (state, action) => {
      const held = state === null ? firstState(history, action) : model.step(state.held, action);
      return held === undefined ? (state === null ? null : undefined) : { held };
    },
    identity: (state) => (state === null ? 'anything' : `=${model.identity(state.held)}`),
  };
}

/** The state that the first action leaves; undefined where it leaves it open. */
function firstState(history: History, action: Action): unknown {
  const startingWith = (initial: Value | null): Model<unknown> => modelOf({ form: history.form, initial });
  switch (action.kind) {
    case 'read': {
      const model = startingWith(action.value);
      return model.step(model.initial, action);
    }
    case 'write': {
      const model = startingWith(history.initial);
      return model.step(model.initial, { ...action, condition: null });
    }
    default:
      return undefined;
  }
}

import type { Operation } from './history.js';
import { raftdbKeyModel } from './models/raftdb-key.js';
import type { Model } from './models/model.js';
import { partition } from './partition.js';
import type { Report, Verdict, Violation } from './report.js';
import { KeySearch } from './wing-gong-lowe.js';

/** How {@link checkLinearizable} works. */
export interface CheckOptions {
  /** The behaviour of a key; a raftdb key that does not exist at first when left out. */
  readonly model?: Model<unknown>;
  /**
   * Steps for all keys together, after which the rest is undecided. 10,000,000 when left out: seconds to a minute, and
   * 1.5 GB of memory at worst.
   */
  readonly stepsMax?: number;
}

const STEPS_MAX_DEFAULT = 10_000_000;

/** Steps on one key before it is the turn of the next one. */
const SLICE_STEPS = 10_000;

/**
 * Looks for an order of the operations that explains what every client saw, key by key.
 *
 * The keys take turns, so that a guilty key is found although the search on an innocent one would not end: one
 * violation is a verdict, whatever is still open.
 *
 * @param operations - The history, in any order. Reads of a level other than `consistent` are not judged.
 * @throws RangeError for an operation that contradicts itself, or that the model does not know.
 */
export function checkLinearizable(operations: readonly Operation[], options: CheckOptions = {}): Report {
  const model: Model<unknown> = options.model ?? raftdbKeyModel(null);
  const byKey = partition(operations);
  const searches = [...byKey].map(([key, ofKey]) => ({ key, search: new KeySearch(ofKey, model) }));
  const steps = (): number => searches.reduce((sum, { search }) => sum + search.steps, 0);
  const stepsMax = options.stepsMax ?? STEPS_MAX_DEFAULT;
  let violation: Violation | null = null;
  let turns = searches.filter(({ search }) => search.state === 'searching');
  for (let left = stepsMax - steps(); turns.length > 0 && violation === null && left > 0; left = stepsMax - steps()) {
    const slice = Math.min(SLICE_STEPS, Math.ceil(left / turns.length));
    const guilty = turns.find(({ search }) => search.run(slice) === 'not linearizable');
    if (guilty !== undefined) {
      violation = violationOf(guilty.key, guilty.search);
    }
    turns = turns.filter(({ search }) => search.state === 'searching');
  }
  return {
    verdict: verdictOf(violation, turns.length),
    operations: [...byKey.values()].reduce((sum, ofKey) => sum + ofKey.length, 0),
    keys: byKey.size,
    steps: steps(),
    violation,
    undecidedKeys: turns.map(({ key }) => key),
    unjudged: 0,
  };
}

function verdictOf(violation: Violation | null, undecided: number): Verdict {
  if (violation !== null) {
    return 'not linearizable';
  }
  return undecided > 0 ? 'undecided' : 'linearizable';
}

function violationOf(key: string, search: KeySearch): Violation {
  const { prefix, blocked } = search.deadEnd();
  const before = prefix.length === 0 ? 'nothing comes before it' : `${prefix.length} stand in order before it`;
  const beside = blocked.length === 1 ? '' : `, and none of the ${blocked.length - 1} beside it helps`;
  return { key, reason: `an operation finds no place: ${before}${beside}`, prefix, blocked };
}

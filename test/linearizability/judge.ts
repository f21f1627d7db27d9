import { assert } from '../../src/lib/assert.js';
import { checkLinearizable } from './check-linearizable.js';
import type { CheckOptions } from './check-linearizable.js';
import type { History } from './history.js';
import { modelOf } from './models/model-of.js';
import { checkRegisters } from './register-zones.js';
import type { Report } from './report.js';

/**
 * Judges a history by the search and, where no key exists at first, by the zones as well: the zones decide what the search
 * has no steps left for.
 *
 * @throws InvariantViolation when the two contradict each other: one of them is wrong.
 * @throws RangeError for an operation that contradicts itself.
 */
export function judge(history: History, options: Pick<CheckOptions, 'stepsMax'> = {}): Report {
  const searched = checkLinearizable(history.operations, { ...options, model: modelOf(history) });
  if (history.initial !== null) {
    return searched;
  }
  return combine(searched, checkRegisters(history.operations));
}

function combine(searched: Report, measured: Report): Report {
  const isRefuted = measured.verdict === 'not linearizable';
  const isProved = measured.verdict === 'linearizable' && measured.unjudged === 0;
  switch (searched.verdict) {
    case 'linearizable':
      assert(!isRefuted, `the search finds an order, the zones a violation: ${measured.violation?.reason ?? ''}`);
      return searched;
    case 'not linearizable':
      assert(!isProved, `the search finds a violation, the zones none: ${searched.violation?.reason ?? ''}`);
      return searched;
    case 'undecided':
      return isRefuted || isProved ? { ...measured, steps: searched.steps } : searched;
  }
}

import { assert, at } from '../../lib/assert.js';
import type { LogIndex } from '../types.js';
import type { Configuration } from './configuration.js';

interface Step {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

/**
 * The configurations of the log, from the one in force at its start on.
 *
 * The latest one counts as soon as its entry is appended; truncating the log brings back the one before it
 * (Ongaro 2014 §4.1).
 */
export class ConfigurationHistory {
  private steps: Step[];

  constructor(index: LogIndex, configuration: Configuration) {
    this.steps = [{ index, configuration }];
  }

  get latest(): Configuration {
    return at(this.steps, this.steps.length - 1).configuration;
  }

  /** Index of the entry that holds the latest configuration, or of the snapshot that brought it. */
  get latestIndex(): LogIndex {
    return at(this.steps, this.steps.length - 1).index;
  }

  append(index: LogIndex, configuration: Configuration): void {
    assert(index > this.latestIndex, 'configurations follow each other');
    this.steps.push({ index, configuration });
  }

  /** Forgets configurations at `from` and above. */
  truncate(from: LogIndex): void {
    assert(at(this.steps, 0).index < from, 'the first configuration is committed');
    this.steps = this.steps.filter((step) => step.index < from);
  }

  /** The configuration in force at `index`. */
  asOf(index: LogIndex): Configuration {
    const step = this.steps.findLast((candidate) => candidate.index <= index);
    assert(step !== undefined, `the configuration as of ${index} is known`);
    return step.configuration;
  }

  /** Forgets what was superseded at or below `index`. */
  compact(index: LogIndex): void {
    const keep = this.steps.findLastIndex((step) => step.index <= index);
    this.steps = this.steps.slice(Math.max(keep, 0));
  }
}

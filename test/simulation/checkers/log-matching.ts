import type { PrefixHash } from './entry-hash.js';
import type { Step, Witness } from './step.js';
import { staysLeader } from './step.js';
import { holds } from './violation.js';

/** Tells the entries of two terms at one index apart. */
const termStride = 0x1_0000_0000;

/** I2, I3, I8, I24: what happens to the log of a node. */
export class LogMatching {
  private readonly prefixes = new Map<number, PrefixHash>();

  constructor(private readonly witness: Witness) {}

  check(step: Step): void {
    const { nodeId, state, mirror, appended, removed } = step;
    holds(removed === 0 || !staysLeader(step), 'I2', () => `the leader ${nodeId} removed ${removed} entries`);
    holds(mirror.lastIndex === state.log.lastIndex, 'I8', () => `${nodeId} keeps entries from its disk`);
    if (removed > 0) {
      this.witness.coverage.add('followerTruncates');
    }
    for (const { index, term } of appended) {
      const hash = mirror.hashAt(index);
      if (hash !== undefined) {
        this.checkPrefix(term * termStride + index, hash, () => `${nodeId} stores another log up to ${index}:${term}`);
      }
    }
  }

  private checkPrefix(position: number, hash: PrefixHash, words: () => string): void {
    const known = this.prefixes.get(position);
    holds(known === undefined || known === hash, 'I3', words);
    this.prefixes.set(position, hash);
  }
}

import type { InstanceId } from '../../../src/raft/index.js';
import type { IdempotencyLimits } from '../../../src/state-machine/index.js';
import type { Coverage } from '../coverage.js';
import type { SimDisk } from '../sim-disk.js';
import { ClientHistory } from './client-history.js';
import { CommitSafety } from './commit-safety.js';
import { CommittedLog } from './committed-log.js';
import { ElectionSafety } from './election-safety.js';
import { LeaderContact } from './leader-contact.js';
import { LogMatching } from './log-matching.js';
import { MembershipSafety } from './membership-safety.js';
import { ReferenceState } from './reference-state.js';
import type { Step, Witness } from './step.js';

/** Everything that is known about a run from outside, and all checkers that look at each step of each node. */
export class ClusterWatch {
  readonly committed: CommittedLog;
  readonly reference: ReferenceState;
  readonly clients: ClientHistory;
  private readonly checkers: readonly { readonly check: (step: Step) => void }[];

  /** @param diskOf - The disk of an instance, also when it was wiped since. */
  constructor(
    limits: IdempotencyLimits & { readonly retentionMs: number },
    readonly coverage: Coverage,
    diskOf: (instanceId: InstanceId) => SimDisk | undefined,
  ) {
    this.clients = new ClientHistory(limits.retentionMs);
    this.reference = new ReferenceState(limits, coverage, (id, effect) => {
      this.clients.noteEffect(id, effect);
    });
    this.committed = new CommittedLog((entry) => {
      if (entry.kind === 'configuration' && entry.index > 1) {
        coverage.add('membershipCommitted');
      }
      this.reference.apply(entry);
    });
    const witness: Witness = { committed: this.committed, coverage, diskOf };
    // The log of a step is looked at before what it commits: the one is read to judge the other.
    this.checkers = [
      new LogMatching(witness),
      new MembershipSafety(witness),
      new ElectionSafety(witness),
      new CommitSafety(witness),
      new LeaderContact(),
    ];
  }

  check(step: Step): void {
    for (const checker of this.checkers) {
      checker.check(step);
    }
  }
}

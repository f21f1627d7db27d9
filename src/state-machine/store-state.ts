import { IdempotencyTable } from './idempotency-table.js';
import type { IdempotencyLimits } from './idempotency-table.js';
import type { RestoreStaging } from './restore-staging.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import { VersionedMap } from './versioned-map.js';

/** Tells the hash of the counters from those of the other parts of the state. */
const hashDomain = 3;

/** Everything that is replicated; whatever is added here belongs to clone, checksum and snapshot. */
export class StoreState {
  /** Grows by one with each command that changed something, with a restore by more; never goes back. */
  revision = 0;
  /** Highest time of an applied command, in milliseconds of the log. */
  lastTimeMs = 0;
  keys = new VersionedMap();
  idempotency: IdempotencyTable;
  /** The keys of a backup that are not in force yet; null where no restore is under way. */
  staging: RestoreStaging | null = null;

  constructor(private readonly limits: IdempotencyLimits) {
    this.idempotency = new IdempotencyTable(limits);
  }

  /** Takes constant time; neither state shows later changes of the other. */
  clone(): StoreState {
    const copy = new StoreState(this.limits);
    copy.revision = this.revision;
    copy.lastTimeMs = this.lastTimeMs;
    copy.keys = this.keys.clone();
    copy.idempotency = this.idempotency.clone();
    copy.staging = this.staging?.clone() ?? null;
    return copy;
  }

  /** 16 hexadecimal digits, equal for equal states. Takes constant time. */
  checksum(): string {
    const sum = new Checksum();
    sum.add(new EntryHasher(hashDomain).number(this.revision).number(this.lastTimeMs).finish());
    sum.add(this.keys.checksum);
    sum.add(this.idempotency.checksum);
    if (this.staging !== null) {
      sum.add(this.staging.checksum);
    }
    return sum.hex();
  }
}

import { IdempotencyTable } from './idempotency-table.js';
import type { IdempotencyLimits } from './idempotency-table.js';
import type { RestoreStaging, StagingPosition } from './restore-staging.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import { VersionedMap } from './versioned-map.js';
import type { FrozenKeys } from './versioned-map.js';

/** Tells the hash of the counters from those of the other parts of the state. */
const hashDomain = 3;

/** Everything that is replicated as it was at one moment. */
export interface FrozenState extends Pick<StoreState, 'revision' | 'lastTimeMs'> {
  /** 16 hexadecimal digits. */
  readonly checksum: string;
  readonly keys: FrozenKeys;
  readonly idempotency: IdempotencyTable;
  readonly staging: { readonly position: StagingPosition; readonly keys: FrozenKeys } | null;
}

/** Everything that is replicated; whatever is added here belongs to what is frozen, to the checksum and to the snapshot. */
export class StoreState {
  /** Grows by one with each command that changed something, with a restore by more; never goes back. */
  revision = 0;
  /** Highest time of an applied command, in milliseconds of the log. */
  lastTimeMs = 0;
  keys = new VersionedMap();
  idempotency: IdempotencyTable;
  /** The keys of a backup that are not in force yet; null where no restore is under way. */
  staging: RestoreStaging | null = null;

  constructor(limits: IdempotencyLimits) {
    this.idempotency = new IdempotencyTable(limits);
  }

  /** Takes next to no time. */
  freeze(): FrozenState {
    const { revision, lastTimeMs, staging } = this;
    return {
      revision,
      lastTimeMs,
      checksum: this.checksum(),
      keys: this.keys.freeze(),
      idempotency: this.idempotency.clone(),
      staging: staging && { position: staging.position, keys: staging.map.freeze() },
    };
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

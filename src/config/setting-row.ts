/** Where a setting is listed in `--help` and in docs/configuration.md. */
export type SettingGroup =
  | 'Node and addresses'
  | 'Consensus'
  | 'Requests'
  | 'Storage and snapshots'
  | 'Idempotency'
  | 'Peer connections'
  | 'Process';

interface Described {
  readonly group: SettingGroup;
  /** What it does and when to change it, in whole sentences. */
  readonly help: string;
}

/** 1 to 64 letters, digits, dots, underscores and hyphens. `default` null: the host name. */
export interface IdRow extends Described {
  readonly kind: 'id';
  readonly default: null;
}

/** `host:port` that others dial. */
export interface AddressRow extends Described {
  readonly kind: 'address';
  readonly default: string;
}

/** `host` or `host:port` to listen on. `default` null: what the advertised address resolves to. */
export interface BindRow extends Described {
  readonly kind: 'bind';
  readonly default: null;
}

/** Addresses, separated by commas. */
export interface AddressesRow extends Described {
  readonly kind: 'addresses';
  readonly default: readonly string[];
}

/** A folder, given as the one positional argument. `default` null: it must be given. */
export interface DirectoryRow extends Described {
  readonly kind: 'directory';
  readonly default: null;
}

/** One of a few words. */
export interface ChoiceRow extends Described {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}

/** A whole number; `min` and `max` are included. */
export interface IntegerRow extends Described {
  readonly kind: 'integer';
  readonly unit: 'ms' | 'bytes' | 'entries' | 'requests' | 'batches' | 'connections';
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** One row of the table of settings. */
export type SettingRow = IdRow | AddressRow | BindRow | AddressesRow | DirectoryRow | ChoiceRow | IntegerRow;

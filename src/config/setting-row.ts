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

/** A folder, given as the one positional argument. `default` null: it must be given where data are kept in files. */
export interface DirectoryRow extends Described {
  readonly kind: 'directory';
  readonly default: null;
}

/**
 * - `postgresUrl`: `postgres://user@host:port/database?parameters`; it may hold a password.
 * - `secret`: what nobody else may read. It has a variable and no flag: other users see the arguments of a process.
 * - `secretFile`: a file whose content, without a line break at its end, is a secret. The value is that content.
 * - `file`: the path of a file that is read while the node runs; it may come and go.
 * - `schema`: a name in a database, 1 to 63 bytes. Null: `raftdb_` and the name of the node.
 */
export type TextForm = 'postgresUrl' | 'secret' | 'secretFile' | 'file' | 'schema';

/** A text of some form; null where none is given. */
export interface TextRow extends Described {
  readonly kind: 'text';
  readonly form: TextForm;
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
  readonly unit: 'ms' | 'bytes' | 'nodes' | 'entries' | 'requests' | 'batches' | 'connections';
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** On where the flag stands alone; a variable says `true` or `false`. */
export interface FlagRow extends Described {
  readonly kind: 'flag';
  readonly default: false;
}

/** One row of the table of settings. */
export type SettingRow =
  IdRow | AddressRow | BindRow | AddressesRow | DirectoryRow | TextRow | ChoiceRow | IntegerRow | FlagRow;

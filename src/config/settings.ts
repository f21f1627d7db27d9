import type { SettingRow } from './setting-row.js';
import { storageRows } from './storage-rows.js';
import { GIB, HOUR_MS, KIB, MIB, MINUTE_MS } from './units.js';

/**
 * Every setting of a node, one row each. The flag is the name in kebab-case, the variable is the name in upper case
 * behind `RAFTDB_`; flags, variables, defaults, bounds, `--help` and docs/configuration.md are made from this table.
 */
const rows = {
  id: {
    group: 'Node and addresses',
    kind: 'id',
    default: null,
    help: 'Name of this node, unique in its cluster and kept for the life of its data.',
  },
  haddr: {
    group: 'Node and addresses',
    kind: 'address',
    default: 'localhost:8091',
    help: 'HTTP address that clients and joining nodes dial. Set it to a name that resolves on every other machine.',
  },
  raddr: {
    group: 'Node and addresses',
    kind: 'address',
    default: 'localhost:8089',
    help: 'Address that the other members dial for Raft. Set it to a name that resolves on every other machine.',
  },
  httpBind: {
    group: 'Node and addresses',
    kind: 'bind',
    default: null,
    help: 'Where HTTP listens, if not where --haddr points: for instance 0.0.0.0 in a container.',
  },
  raftBind: {
    group: 'Node and addresses',
    kind: 'bind',
    default: null,
    help: 'Where the peer port listens, if not where --raddr points. The port has no authentication of its own.',
  },
  join: {
    group: 'Node and addresses',
    kind: 'addresses',
    default: [],
    help: 'HTTP addresses of members to join through; a name may stand for all of them. Without it an empty node founds a cluster; a member ignores it.',
  },
  bootstrapExpect: {
    group: 'Node and addresses',
    kind: 'integer',
    unit: 'nodes',
    min: 0,
    max: 9,
    default: 0,
    help: 'Founds a cluster with as many empty nodes, this one among them, which --join names one and all; the same on each of them. Where there is a cluster it joins that, where some do not answer it waits. A node with data ignores it. 0: it joins.',
  },
  learner: {
    group: 'Node and addresses',
    kind: 'flag',
    default: false,
    help: 'Joins as a read replica for good: a member that receives everything, never votes and never leads.',
  },
  replace: {
    group: 'Node and addresses',
    kind: 'flag',
    default: false,
    help: 'Joins in the place of the instance that has the id, whose data are lost. Give it once, by hand: it removes that instance.',
  },
  dataDir: {
    group: 'Node and addresses',
    kind: 'directory',
    default: null,
    help: 'Folder of the data of this node, made where it is missing. One process at a time. Not used with Postgres.',
  },
  heartbeatIntervalMs: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'ms',
    min: 10,
    max: MINUTE_MS,
    default: 100,
    help: 'Time between two heartbeats of the leader. Raise it with the election timeout on slow links.',
  },
  electionTimeoutMs: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'ms',
    min: 50,
    max: 10 * MINUTE_MS,
    default: 1000,
    help: 'Least time without a leader before a node stands for election; each wait is drawn from one to two times this. Raise it where elections happen without a fault. The same on every member.',
  },
  tickMs: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'ms',
    min: 1,
    max: 1000,
    default: 10,
    help: 'Resolution of the timers of Raft. Rarely worth a change.',
  },
  proposalsPendingMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'requests',
    min: 1,
    max: 1_000_000,
    default: 384,
    help: 'Writes that wait for their outcome on this node; a further one is refused as overloaded.',
  },
  proposalsPendingBytesMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'bytes',
    min: 64 * KIB,
    max: GIB,
    default: 16 * MIB,
    help: 'Bytes of the writes that wait for their outcome on this node; a further one is refused as overloaded.',
  },
  readsPendingMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'requests',
    min: 1,
    max: 10_000_000,
    default: 65_536,
    help: 'Reads that wait for a confirmation or for entries to be applied; a further one is refused as overloaded.',
  },
  appendBytesMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'bytes',
    min: 4 * KIB,
    max: 64 * MIB,
    default: MIB,
    help: 'Bytes of entries in one message to a follower; a single larger entry still goes. Lower it on slow links.',
  },
  inflightBatchesMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'batches',
    min: 1,
    max: 1024,
    default: 16,
    help: 'Messages with entries that a follower may owe an answer for. Raise it on links of long delay.',
  },
  promoteLagEntriesMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'entries',
    min: 0,
    max: 1_000_000,
    default: 1000,
    help: 'Entries by which a learner may lag behind the leader when it becomes a voter.',
  },
  readyLagEntriesMax: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'entries',
    min: 0,
    max: 100_000_000,
    default: 10_000,
    help: 'Entries known to be committed that a node may not have applied yet and be ready all the same. Raise it where nodes leave a load balancer under a peak of writes; lower it for fresher stale reads.',
  },
  removeDeadAfterMs: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'ms',
    min: 0,
    max: 7 * 24 * HOUR_MS,
    default: 0,
    help: 'The leader removes a member that it has not heard for this long; 0 removes nobody. Give every node the same. A node that was removed and comes back joins anew where it is started with --join.',
  },
  removeDeadVotersMin: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'nodes',
    min: 1,
    max: 9,
    default: 3,
    help: 'Voters that stay at least where dead ones are removed.',
  },
  membersFile: {
    group: 'Consensus',
    kind: 'text',
    form: 'file',
    default: null,
    help: 'File that holds the number of members that is wanted, read every second. The leader removes the members that are called as it is, with a hyphen and an ordinal at or above the number (raftdb-3 where it is 3), one at a time, and lets none of them in. Where the file is missing or holds no number nothing is done. Give every node the same; a node without an ordinal in its id does nothing about it.',
  },
  checksumIntervalMs: {
    group: 'Consensus',
    kind: 'integer',
    unit: 'ms',
    min: 0,
    max: 24 * HOUR_MS,
    default: 10_000,
    help: 'Time between two comparisons of the state of all members by their checksums, as long as this node leads; a member that is not like the majority is stopped. 0: never. The same on every member.',
  },
  requestTimeoutMs: {
    group: 'Requests',
    kind: 'integer',
    unit: 'ms',
    min: 10,
    max: 10 * MINUTE_MS,
    default: 5000,
    help: 'How long a request waits for a leader and for its outcome. One request says otherwise by ?timeout=.',
  },
  routing: {
    group: 'Requests',
    kind: 'choice',
    choices: ['forward', 'redirect'],
    default: 'forward',
    help: 'What a node does with a request that the leader must answer: ask the leader itself, or send the client there by 307.',
  },
  valueBytesMax: {
    group: 'Requests',
    kind: 'integer',
    unit: 'bytes',
    min: KIB,
    max: 16 * MIB,
    default: MIB,
    help: 'Largest value. The same on every member.',
  },
  bodyBytesMax: {
    group: 'Requests',
    kind: 'integer',
    unit: 'bytes',
    min: KIB,
    max: 256 * MIB,
    default: 2 * MIB,
    help: 'Largest body of a request. Raise it to write more keys in one atomic step.',
  },
  httpConnectionsMax: {
    group: 'Requests',
    kind: 'integer',
    unit: 'connections',
    min: 1,
    max: 1_000_000,
    default: 4096,
    help: 'Open HTTP connections; a further one is closed. The limit of open files of the process must allow it.',
  },
  httpHeaderTimeoutMs: {
    group: 'Requests',
    kind: 'integer',
    unit: 'ms',
    min: 100,
    max: HOUR_MS,
    default: 10_000,
    help: 'How long the headers of a request may take to arrive.',
  },
  httpRequestTimeoutMs: {
    group: 'Requests',
    kind: 'integer',
    unit: 'ms',
    min: 100,
    max: HOUR_MS,
    default: 30_000,
    help: 'How long a whole request may take to arrive. Raise it for large bodies over slow links.',
  },
  ...storageRows,
  idempotencyRetentionMs: {
    group: 'Idempotency',
    kind: 'integer',
    unit: 'ms',
    min: MINUTE_MS,
    max: 7 * 24 * HOUR_MS,
    default: 10 * MINUTE_MS,
    help: 'How long the answer to a write with an Idempotency-Key that comes to this node is remembered, in time with a leader.',
  },
  frameBytesMax: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'bytes',
    min: MIB,
    max: GIB,
    default: 8 * MIB,
    help: 'Largest message that a peer may send; a larger one closes the connection. The same on every member.',
  },
  outboxBytesMax: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'bytes',
    min: MIB,
    max: 16 * GIB,
    default: 64 * MIB,
    help: 'Bytes that wait to be sent to one peer; more are dropped and sent again by Raft.',
  },
  dialTimeoutMs: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'ms',
    min: 10,
    max: 10 * MINUTE_MS,
    default: 2000,
    help: 'How long a connection to a peer may take to come up.',
  },
  dialBackoffMaxMs: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'ms',
    min: 10,
    max: 10 * MINUTE_MS,
    default: 1000,
    help: 'Longest pause between two dials of a peer. An empty first node waits 1.5 times this before it founds a cluster.',
  },
  helloTimeoutMs: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'ms',
    min: 10,
    max: 10 * MINUTE_MS,
    default: 5000,
    help: 'How long a new connection to the peer port may stay without its greeting.',
  },
  frameTimeoutMs: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'ms',
    min: 100,
    max: HOUR_MS,
    default: 30_000,
    help: 'How long a message of a peer may take from its first byte to its last.',
  },
  peerConnectionsMax: {
    group: 'Peer connections',
    kind: 'integer',
    unit: 'connections',
    min: 8,
    max: 65_536,
    default: 256,
    help: 'Open connections to the peer port; a further one is closed.',
  },
  shutdownTimeoutMs: {
    group: 'Process',
    kind: 'integer',
    unit: 'ms',
    min: 100,
    max: HOUR_MS,
    default: 10_000,
    help: 'How long a node that was told to stop hands over and drains before it exits all the same.',
  },
  logFormat: {
    group: 'Process',
    kind: 'choice',
    choices: ['auto', 'json', 'pretty'],
    default: 'auto',
    help: 'Form of the log lines. auto: pretty on a terminal, json elsewhere. json: an object in each line with level (as below, and fatal for the last line of a node that cannot go on), nodeId, pid, timestamp in ms since 1970, message and context.',
  },
  logLevel: {
    group: 'Process',
    kind: 'choice',
    choices: ['error', 'warn', 'info', 'debug'],
    default: 'info',
    help: 'Least important log lines to write.',
  },
} as const satisfies Record<string, SettingRow>;

type Rows = typeof rows;

export type SettingName = keyof Rows;

/** Null where nothing was given. */
type NullableKind = 'bind' | 'directory' | 'text';

type ValueOf<Row extends SettingRow> = Row extends { kind: 'integer' }
  ? number
  : Row extends { kind: 'flag' }
    ? boolean
    : Row extends { kind: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : Row extends { kind: 'addresses' }
        ? readonly string[]
        : Row extends { kind: NullableKind }
          ? string | null
          : string;

/** The settings in force, checked: every value lies within its bounds and fits the others. Plain data. */
export type Settings = { readonly [Name in SettingName]: ValueOf<Rows[Name]> };

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('SETTINGS');

/** One row of the table together with what is made from its name. */
export type Setting = SettingRow & {
  readonly name: SettingName;
  /** Environment variable. */
  readonly env: string;
  /** Flag with its two dashes, null for the positional argument and for secrets. */
  readonly flag: string | null;
};

/** Whether only a variable may hold it. */
export function isSecret(row: SettingRow): boolean {
  return row.kind === 'text' && row.form === 'secret';
}

/** The table, in the order in which it is shown. */
export const settingTable: readonly Setting[] = (Object.keys(rows) as SettingName[]).map((name) => {
  const row: SettingRow = rows[name];
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    ...row,
    name,
    env: `RAFTDB_${words.replaceAll('-', '_').toUpperCase()}`,
    flag: row.kind === 'directory' || isSecret(row) ? null : `--${words}`,
  };
});

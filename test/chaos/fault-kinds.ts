/** What goes wrong with processes, their disks and their database server, and how often in proportion to the others. */
export const processFaults = {
  'kill-leader': 4,
  'kill-follower': 2,
  'kill-minority': 1,
  'kill-all': 1,
  'pause-leader': 4,
  'pause-one': 3,
  'pause-several': 1,
  'storage-error': 2,
  'storage-kill': 2,
  'slow-disk': 2,
  'no-space': 1,
  'fill-disk': 2,
  'add-node': 1,
  'remove-node': 2,
  'replace-node': 2,
  'server-stop': 2,
  'server-crash': 2,
  'server-sessions': 4,
} as const;

/** What goes wrong between nodes, and between clients and nodes. */
export const networkFaults = {
  split: 3,
  'isolate-leader': 4,
  'isolate-one': 2,
  'one-way': 3,
  bridge: 2,
  ring: 1,
  delay: 2,
  reset: 2,
  throttle: 2,
  'half-open': 2,
  refuse: 1,
  'cut-clients': 2,
} as const;

export type ProcessFaultKind = keyof typeof processFaults;
export type NetworkFaultKind = keyof typeof networkFaults;
export type FaultKind = ProcessFaultKind | NetworkFaultKind;

/** What is about files, and what about a database server. */
const kindsOf: Readonly<Record<'sqlite' | 'postgres', readonly FaultKind[]>> = {
  sqlite: ['storage-error', 'storage-kill', 'slow-disk', 'no-space', 'fill-disk'],
  postgres: ['server-stop', 'server-crash', 'server-sessions'],
};

/** Those of the kinds that can happen to nodes with this store. */
export function possibleKinds(kinds: readonly FaultKind[], storage: 'sqlite' | 'postgres'): readonly FaultKind[] {
  const other = kindsOf[storage === 'sqlite' ? 'postgres' : 'sqlite'];
  return kinds.filter((kind) => !other.includes(kind));
}

export const faultKinds = [...Object.keys(processFaults), ...Object.keys(networkFaults)] as readonly FaultKind[];

/** What goes wrong with processes and their disks, and how often in proportion to the others. */
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

export const faultKinds = [...Object.keys(processFaults), ...Object.keys(networkFaults)] as readonly FaultKind[];

import type { Entry, InstanceId, LogIndex, NodeId, Ready, Role } from '../../../src/raft/index.js';
import type { Watermarks } from '../../../src/raft/invariants.js';
import type { RaftState } from '../../../src/raft/raft-state.js';
import type { Coverage } from '../coverage.js';
import type { SimDisk } from '../sim-disk.js';
import type { CommittedLog } from './committed-log.js';
import type { LogMirror } from './log-mirror.js';

/** What all checkers of a run share. */
export interface Witness {
  readonly committed: CommittedLog;
  readonly coverage: Coverage;
  /** The disk of an instance, also when it was wiped since: it held what it acknowledged. */
  readonly diskOf: (instanceId: InstanceId) => SimDisk | undefined;
}

/** One step of one node, seen before anything of its Ready is done. */
export interface Step {
  readonly nodeId: NodeId;
  readonly instanceId: InstanceId;
  readonly disk: SimDisk;
  readonly state: RaftState;
  readonly ready: Ready;
  /** How the node stood at the end of the step before. */
  readonly before: Watermarks & { readonly role: Role; readonly configurationIndex: LogIndex };
  /** Its log after this step. */
  readonly mirror: LogMirror;
  readonly appended: readonly Entry[];
  /** Entries that this step removed from the end of the log. */
  readonly removed: number;
}

/** Whether the node led this term before the step and still does. */
export function staysLeader({ before, state }: Step): boolean {
  return before.role === 'leader' && state.role === 'leader' && before.currentTerm === state.currentTerm;
}

/** Whether the node leads since this step. */
export function becameLeader(step: Step): boolean {
  return step.state.role === 'leader' && !staysLeader(step);
}

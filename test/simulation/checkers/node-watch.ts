import type { AppliedCommand } from '../../../src/ports/state-machine.port.js';
import { Configuration } from '../../../src/raft/index.js';
import type { Entry, LogIndex, Message, Ready, SnapshotMetadata, Term } from '../../../src/raft/index.js';
import { checkTransition } from '../../../src/raft/invariants.js';
import type { RaftState } from '../../../src/raft/raft-state.js';
import type { SimDisk } from '../sim-disk.js';
import type { SimStateMachine } from '../sim-state-machine.js';
import type { ClusterWatch } from './cluster-watch.js';
import { checkSent } from './durability.js';
import { LogMirror } from './log-mirror.js';
import { sameMembers } from './membership-safety.js';
import type { Step } from './step.js';
import { holds } from './violation.js';

/** Watches one process: every step of its core, everything that it sends, applies, snapshots and installs. */
export class NodeWatch {
  private readonly mirror: LogMirror;
  private before: Step['before'];
  /** The term of the entry that a waiting acknowledgement speaks of. */
  private readonly promisedTerms = new WeakMap<Message, Term>();

  constructor(
    private readonly cluster: ClusterWatch,
    private readonly disk: SimDisk,
    private readonly parts: { readonly state: RaftState; readonly stateMachine: SimStateMachine },
  ) {
    this.mirror = this.recoveredLog();
    this.before = momentOf(parts.state);
    this.checkRecovery();
  }

  /** The core took an input and says what it wants done; nothing of it is done yet. */
  noteReady(ready: Ready): void {
    const { state } = this.parts;
    const { reset, entries: appended } = ready.write ?? { reset: null, entries: [] };
    if (reset !== null) {
      this.replaceLog(reset.index);
    }
    const removed = this.append(appended);
    checkTransition(this.before, state);
    const { nodeId, instanceId } = this.disk;
    const { disk, mirror, before } = this;
    this.cluster.check({ nodeId, instanceId, disk, state, ready, before, mirror, appended, removed });
    this.before = momentOf(state);
    for (const message of ready.write?.messagesAfter ?? []) {
      if (message.type === 'appendEntriesResponse') {
        this.promisedTerms.set(message, mirror.termAt(message.matchIndex) ?? 0);
      }
    }
  }

  noteSent(message: Message): void {
    checkSent(message, this.disk, this.promisedTerms.get(message) ?? 0);
  }

  /** I18: the state after each command is the one that every node has there. */
  noteApplied({ index }: AppliedCommand): void {
    this.checkState(index, 'I18');
  }

  /** I16: a snapshot shows the state and the members as of its position. */
  checkSnapshotTaken(position: Omit<SnapshotMetadata, 'chunkCount' | 'byteCount'>): void {
    this.checkState(position.lastIncludedIndex, 'I16');
    this.checkPosition(position);
  }

  /** I16, I17: a snapshot that was installed is what every node has at its position. */
  checkInstalled(metadata: SnapshotMetadata): void {
    this.checkState(metadata.lastIncludedIndex, 'I16');
    this.checkPosition(metadata);
  }

  private checkPosition(position: Omit<SnapshotMetadata, 'chunkCount' | 'byteCount'>): void {
    const { committed } = this.cluster;
    const { lastIncludedIndex: index, lastIncludedTerm: term } = position;
    const words = (): string => `the snapshot of ${this.disk.nodeId} at ${index}`;
    holds(committed.termAt(index) === term, 'I17', () => `${words()} is of term ${term}`);
    holds(committed.timeAt(index) === position.lastIncludedTimeMs, 'I16', () => `${words()} has another time`);
    const members = committed.configurationAt(index);
    holds(members !== undefined && sameMembers(members, position.configuration), 'I16', () => `${words()} has others`);
  }

  private checkState(index: LogIndex, invariant: string): void {
    const expected = this.cluster.reference.checksumAt(index);
    const actual = this.parts.stateMachine.checksum();
    const { nodeId } = this.disk;
    holds(actual === expected, invariant, () => `the state of ${nodeId} at ${index} is ${actual}, not ${expected}`);
  }

  private append(entries: readonly Entry[]): number {
    return entries.reduce((removed, entry) => removed + this.mirror.append(entry), 0);
  }

  private replaceLog(index: LogIndex): void {
    const { committed } = this.cluster;
    const [hash, term, configuration] = [
      committed.hashAt(index),
      committed.termAt(index),
      committed.configurationAt(index) ?? Configuration.empty,
    ];
    holds(hash !== undefined && term !== undefined, 'I17', () => `${this.disk.nodeId} installs what nobody committed`);
    this.cluster.coverage.add('installReplacesLog');
    this.mirror.reset({ index, term, hash }, configuration);
  }

  private recoveredLog(): LogMirror {
    const { log } = this.parts.state;
    const { committed } = this.cluster;
    const index = log.firstIndex - 1;
    const base = { index, term: committed.termAt(index) ?? 0, hash: committed.hashAt(index) ?? 0 };
    const mirror = new LogMirror(base, {
      index: log.snapshotIndex,
      configuration: log.snapshot?.configuration ?? Configuration.empty,
    });
    for (let next = log.firstIndex; next <= log.lastIndex; next += 1) {
      const entry = log.entry(next);
      holds(entry !== undefined, 'I8', () => `${this.disk.nodeId} lacks entry ${next} after its start`);
      mirror.append(entry);
    }
    return mirror;
  }

  /** What a start found is committed as far as it says so, and its state is the one that belongs there. */
  private checkRecovery(): void {
    const { state } = this.parts;
    const { committed } = this.cluster;
    const { nodeId, hardState, lastIndex, entries, latestSnapshot } = this.disk;
    const snapshotIndex = latestSnapshot?.metadata.lastIncludedIndex ?? 0;
    const storedCommit = hardState?.commitIndex ?? 0;
    const isUsable =
      (entries[0]?.index ?? 0) <= snapshotIndex + 1 && storedCommit <= Math.max(lastIndex, snapshotIndex);
    holds(isUsable, 'I8', () => `${nodeId} cannot start from what it stored`);
    const agrees = committed.hashAt(state.commitIndex) === (this.mirror.hashAt(state.commitIndex) ?? null);
    holds(agrees, 'I12', () => `${nodeId} restarts with another log up to ${state.commitIndex}`);
    this.checkState(state.lastApplied, 'I16');
  }
}

function momentOf(state: RaftState): Step['before'] {
  const { currentTerm, votedFor, commitIndex, lastApplied, role } = state;
  return { currentTerm, votedFor, commitIndex, lastApplied, role, configurationIndex: state.log.configurationIndex };
}

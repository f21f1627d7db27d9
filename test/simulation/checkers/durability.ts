import type { HardState, LogIndex, Message, RequestVoteResponse, Term } from '../../../src/raft/index.js';
import type { SimDisk } from '../sim-disk.js';
import { holds } from './violation.js';

/** I7: what a disk says about term and vote never goes back. */
export function checkHardState(disk: SimDisk, next: HardState): void {
  const before = disk.hardState;
  if (before === null) {
    return;
  }
  const { nodeId } = disk;
  holds(
    next.currentTerm >= before.currentTerm,
    'I7',
    () => `${nodeId} stores term ${next.currentTerm} after a later one`,
  );
  const keepsVote =
    next.currentTerm > before.currentTerm || before.votedFor === null || next.votedFor === before.votedFor;
  holds(keepsVote, 'I7', () => `${nodeId} votes twice in term ${next.currentTerm}`);
  holds(next.commitIndex >= before.commitIndex, 'I6', () => `${nodeId} stores a lower commit index`);
}

/**
 * I10: whatever a message promises is durable when it leaves.
 *
 * @param promisedTerm - Term of the entry that the message speaks of, as it was when the message was made.
 */
export function checkSent(message: Message, disk: SimDisk, promisedTerm: Term): void {
  const words = (): string => `${disk.nodeId} sends ${message.type} before what it says is durable`;
  holds(isDurable(message, disk, promisedTerm), 'I10', words);
}

function isDurable(message: Message, disk: SimDisk, promisedTerm: Term): boolean {
  switch (message.type) {
    case 'requestVote':
      return message.preVote || disk.term >= message.term;
    case 'requestVoteResponse':
      return message.preVote || isVoteDurable(message, disk);
    case 'appendEntriesResponse': {
      const { success, matchIndex: index } = message;
      return !success || index === 0 || isLogDurable(disk, message, { index, term: promisedTerm });
    }
    case 'installSnapshotResponse': {
      const { installed, snapshotIndex: index, snapshotTerm: term } = message;
      return !installed || isLogDurable(disk, message, { index, term });
    }
    default:
      return true;
  }
}

function isVoteDurable({ granted, term, to }: RequestVoteResponse, disk: SimDisk): boolean {
  const isKept = disk.term > term || disk.hardState?.votedFor === to;
  return disk.term >= term && (isKept || !granted);
}

/** A later term, once durable, may take entries away again: its leader knows what it needs. */
function isLogDurable(
  disk: SimDisk,
  message: Message,
  promised: { readonly index: LogIndex; readonly term: Term },
): boolean {
  return disk.term > message.term || (disk.term === message.term && disk.holds(promised.index, promised.term));
}

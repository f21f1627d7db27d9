import type { HardState, LogIndex, Message, Term } from '../../../src/raft/index.js';
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
  const words = (what: string) => (): string => `${disk.nodeId} sends ${message.type} before ${what} is durable`;
  switch (message.type) {
    case 'requestVote':
      holds(message.preVote || disk.term >= message.term, 'I10', words('its term'));
      return;
    case 'requestVoteResponse': {
      const isVoteKept = disk.term > message.term || disk.hardState?.votedFor === message.to;
      holds(message.preVote || disk.term >= message.term, 'I10', words('its term'));
      holds(message.preVote || !message.granted || isVoteKept, 'I10', words('its vote'));
      return;
    }
    case 'appendEntriesResponse':
      if (message.success && message.matchIndex > 0) {
        holds(disk.term >= message.term, 'I10', words('its term'));
        holds(
          keepsLog(disk, message, { index: message.matchIndex, term: promisedTerm }),
          'I10',
          words(`entry ${message.matchIndex}`),
        );
      }
      return;
    case 'installSnapshotResponse': {
      const { nextChunk, installed, snapshotIndex, snapshotTerm } = message;
      const isKept = !installed || keepsLog(disk, message, { index: snapshotIndex, term: snapshotTerm });
      holds(isKept, 'I10', words(`the snapshot of ${nextChunk} chunks`));
      return;
    }
    default:
  }
}

/** A later term, once durable, may take entries away again: its leader knows what it needs. */
function keepsLog(
  disk: SimDisk,
  message: Message,
  promised: { readonly index: LogIndex; readonly term: Term },
): boolean {
  return disk.term > message.term || disk.holds(promised.index, promised.term);
}

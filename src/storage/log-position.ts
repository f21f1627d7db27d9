import { assert } from '../lib/assert.js';
import type { HardState, LogIndex, Term } from '../raft/index.js';
import type { BatchSpan, BatchWrite, LogBase } from './batch-store.js';

/** What a log store knows of its log without reading it. */
export interface LogPosition {
  readonly base: LogBase;
  /** Equal to the base's index where the log is empty. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly hardState: HardState | null;
}

/** What of a write decides where the log ends up. */
export type PositionChange = Omit<BatchWrite, 'batches'> & { readonly batches: readonly BatchSpan[] };

/**
 * The position once `write` is stored.
 *
 * @throws InvariantViolation when the write would leave a gap, remove a committed entry, or take back a term or vote.
 */
export function positionAfter(before: LogPosition, write: PositionChange): LogPosition {
  const base = write.reset ?? before.base;
  const kept = write.reset === null ? before : { lastIndex: base.index, lastTerm: base.term };
  const first = write.batches[0];
  const last = write.batches.at(-1);
  if (first === undefined || last === undefined) {
    return withHardState(before.hardState, write.hardState, { base, ...kept });
  }
  assert(first.firstIndex <= kept.lastIndex + 1, `entry ${first.firstIndex} does not follow entry ${kept.lastIndex}`);
  assert(
    first.firstIndex > base.index,
    `entry ${first.firstIndex} lies before the log, which begins after ${base.index}`,
  );
  write.batches.forEach((batch, position) => {
    const previous = write.batches[position - 1];
    assert(previous === undefined || batch.firstIndex === previous.lastIndex + 1, 'batches follow each other');
  });
  return withHardState(before.hardState, write.hardState, { base, lastIndex: last.lastIndex, lastTerm: last.lastTerm });
}

function withHardState(
  before: HardState | null,
  wanted: HardState | null,
  log: Omit<LogPosition, 'hardState'>,
): LogPosition {
  const hardState = nextHardState(before, wanted, log.lastIndex);
  assert(hardState !== null || log.lastIndex === 0, 'the first entries are written together with the hard state');
  if (hardState !== null) {
    assert(log.lastTerm <= hardState.currentTerm, `an entry of term ${log.lastTerm} is ahead of the current term`);
    assert(hardState.commitIndex <= log.lastIndex, `the committed entry ${hardState.commitIndex} would be removed`);
  }
  // Spelled out: V8 11 gives each object that a spread begins and other names follow a hidden class of its own.
  return { hardState, base: log.base, lastIndex: log.lastIndex, lastTerm: log.lastTerm };
}

/** A stored commit index never goes back and never names an entry that is not stored with it. */
function nextHardState(before: HardState | null, wanted: HardState | null, lastIndex: LogIndex): HardState | null {
  if (wanted === null) {
    return before;
  }
  if (before !== null) {
    assert(wanted.currentTerm >= before.currentTerm, `term ${before.currentTerm} would be taken back`);
    const voted = wanted.currentTerm === before.currentTerm ? before.votedFor : null;
    assert(voted === null || wanted.votedFor === voted, `the vote of term ${wanted.currentTerm} would be changed`);
  }
  const commitIndex = Math.max(before?.commitIndex ?? 0, Math.min(wanted.commitIndex, lastIndex));
  return { currentTerm: wanted.currentTerm, votedFor: wanted.votedFor, commitIndex };
}

import { at } from '../lib/assert.js';
import { decodeEntries, writeEntriesBlock } from '../raft/index.js';
import type { AppendEntries, Entry } from '../raft/index.js';
import type { BodyCodec } from './body-codec.js';
import { originBytesMax } from './bounded-text.js';
import { check } from './field-readers.js';
import { checkConfigurationEntry } from './membership-codec.js';

/** prevLogIndex u53, prevLogTerm u53, leaderCommit u53, then the entries as one block in the form of the log. */
export const appendEntriesCodec: BodyCodec<'appendEntries'> = {
  write: ({ prevLogIndex, prevLogTerm, leaderCommit, entries }, writer) => {
    writer.u53(prevLogIndex).u53(prevLogTerm).u53(leaderCommit);
    writeEntriesBlock(writer, entries);
  },
  read: (reader, envelope) => {
    const prevLogIndex = reader.u53();
    const prevLogTerm = reader.u53();
    const leaderCommit = reader.u53();
    const entries = decodeEntries(reader.block());
    const message: AppendEntries = {
      type: 'appendEntries',
      ...envelope,
      prevLogIndex,
      prevLogTerm,
      entries,
      leaderCommit,
    };
    checkPosition(message);
    entries.forEach(checkEntry);
    return message;
  },
};

/** Indexes are consecutive and terms never go down within the entries: the codec of the log saw to it. */
function checkPosition({ term, prevLogIndex, prevLogTerm, entries }: AppendEntries): void {
  check(term >= 1, 'a leader has a term');
  check(prevLogTerm <= term, 'no entry is of a later term than its leader');
  check(prevLogIndex > 0 || prevLogTerm === 0, 'an empty log has no term');
  if (entries.length === 0) {
    return;
  }
  const first = at(entries, 0);
  const last = at(entries, entries.length - 1);
  check(first.index === prevLogIndex + 1, 'entries follow the one before them');
  check(first.term >= prevLogTerm, 'terms never go down');
  check(last.term <= term, 'no entry is of a later term than its leader');
}

function checkEntry(entry: Entry): void {
  if (entry.proposal !== null) {
    check(entry.proposal.origin.length <= originBytesMax, 'an origin is short');
  }
  checkConfigurationEntry(entry);
}

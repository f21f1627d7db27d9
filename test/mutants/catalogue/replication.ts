import type { Mutant } from '../mutant.js';
import { bySimulator } from '../mutant.js';

const appendEntries = 'src/raft/replication/append-entries.ts';

/** Bugs in how the log is copied and committed. */
export const replicationMutants: readonly Mutant[] = [
  {
    id: 'M02',
    bug: 'What a majority stores is taken from the match indexes in the order of the members.',
    edits: [
      {
        file: 'src/raft/membership/majority-quorum.ts',
        before: '.sort((left, right) => right - left)',
        after: '',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M03',
    bug: 'A leader commits entries of earlier terms by counting their copies (Figure 8).',
    edits: [
      {
        file: 'src/raft/replication/commit.ts',
        before: 'if (state.log.termAt(quorumIndex) !== state.currentTerm) {',
        after: 'if (state.log.termAt(quorumIndex) === undefined) {',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M07',
    bug: 'A follower cuts its log at the first entry of every message, also where the entries are the same.',
    edits: [
      {
        file: appendEntries,
        before: 'entry.index > state.commitIndex && !state.log.matches(entry)',
        after: 'entry.index > state.commitIndex',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M08',
    bug: 'A follower keeps an entry of its own where the leader has another one at that index.',
    edits: [
      {
        file: appendEntries,
        before: 'entry.index > state.commitIndex && !state.log.matches(entry)',
        after: 'entry.index > state.log.lastIndex',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M09',
    bug: 'A follower appends after any entry at the index before, whatever its term.',
    edits: [
      {
        file: appendEntries,
        before: '|| state.log.matches(position)',
        after: '|| state.log.termAt(position.index) !== undefined',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M10',
    bug: 'A leader takes what an acknowledgement says as it is, also one of an earlier term.',
    edits: [
      {
        file: 'src/raft/step.ts',
        before: 'if (message.term < state.currentTerm) {',
        after: "if (message.term < state.currentTerm && message.type !== 'appendEntriesResponse') {",
      },
      {
        file: 'src/raft/replication/append-response.ts',
        before: 'Math.min(message.matchIndex, state.log.lastIndex)',
        after: 'message.matchIndex',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M11',
    bug: 'A follower acknowledges entries before they are durable.',
    edits: [{ file: appendEntries, before: 'state.sendAfterWrite({', after: 'state.send({' }],
    killers: bySimulator,
  },
  {
    id: 'M12',
    bug: 'A leader counts its own copy of an entry before its disk has it.',
    edits: [
      {
        file: 'src/raft/replication/commit.ts',
        before: 'return state.log.writes.durableIndex;',
        after: 'return state.log.lastIndex;',
      },
    ],
    killers: bySimulator,
  },
  {
    // AppendEntries alone would not show it: the first entry after the agreed one replaces what could be wrong.
    id: 'M13',
    bug: 'A heartbeat tells the commit index of the leader also where it is above what the follower is known to store.',
    edits: [
      {
        file: 'src/raft/replication/replicate.ts',
        before: 'const leaderCommit = Math.min(state.commitIndex, progressOf(state, to).matchIndex);',
        after: 'const leaderCommit = state.commitIndex;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M18',
    bug: 'A new leader does not open its term with an entry of its own.',
    edits: [{ file: 'src/raft/roles/transitions.ts', before: '  appendNoop(state);\n', after: '' }],
    killers: bySimulator,
  },
];

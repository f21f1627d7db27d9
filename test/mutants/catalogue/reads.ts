import type { Mutant } from '../mutant.js';
import { bySimulator, byTest } from '../mutant.js';

const appendResponse = 'src/raft/replication/append-response.ts';
const replicate = 'src/raft/replication/replicate.ts';
const serveReads = 'src/raft/read/serve-reads.ts';
const paperClients = 'test/raft/paper-clients.spec.ts';

/** Bugs in reads that must not show old values. */
export const readMutants: readonly Mutant[] = [
  {
    id: 'M19',
    bug: 'A leader gives reads an index before it committed an entry of its own term.',
    edits: [
      {
        file: serveReads,
        before: '  if (!state.hasCommittedInTerm) {\n    state.leaderReads.addEarly(origin);\n    return;\n  }\n',
        after: '',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M20',
    bug: 'One answer less than a majority confirms a round of reads.',
    edits: [
      {
        file: appendResponse,
        before: '  return majorityValue(state.configuration.voterIds, (id) =>\n',
        after: '  const rounds = state.configuration.voterIds.map((id) =>\n',
      },
      {
        file: appendResponse,
        before: '    id === state.config.nodeId ? state.round : ackedRoundOf(state, id),\n  );\n',
        after:
          '    id === state.config.nodeId ? state.round : ackedRoundOf(state, id),\n  );\n' +
          '  rounds.sort((left, right) => right - left);\n' +
          '  return rounds[Math.max(0, Math.floor(rounds.length / 2) - 1)] ?? 0;\n',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M21',
    bug: 'Reads that a follower sends again keep the number of their batch, with new reads added to them.',
    edits: [
      {
        file: 'src/raft/read/read-index.ts',
        before: '    this.lastBatch += 1;\n',
        after: '    this.lastBatch += underWay === null ? 1 : 0;\n',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M22',
    bug: 'Reads that wait together take the commit index as it was when the first of them arrived.',
    edits: [
      {
        file: 'src/raft/read/read-index.ts',
        before: 'readIndex: position.readIndex,',
        after: 'readIndex: this.waiting[0]?.readIndex ?? position.readIndex,',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M23',
    bug: 'A read does not wait until its node has applied the read index.',
    edits: [
      {
        file: 'src/consensus/pending-reads.ts',
        before: '} else if (readIndex <= this.applied.index) {',
        after: '} else if (readIndex >= 0) {',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M25',
    bug: 'How long ago a quorum was heard, which `default` reads go by, is told by the wall clock.',
    edits: [
      {
        file: replicate,
        before: '  state.roundTicks.set(state.round, state.now);\n',
        after:
          '  const wallTick = Math.floor(Date.now() / state.config.tickMs);\n' +
          '  state.roundTicks.set(state.round, wallTick);\n',
      },
      {
        file: replicate,
        before: 'if (state.now - tick <= state.config.electionTimeoutTicks) {',
        after: 'if (wallTick - tick <= state.config.electionTimeoutTicks) {',
      },
      {
        file: serveReads,
        before: '  const contactTick = majorityValue(state.configuration.voterIds, (id) =>\n',
        after:
          '  const wallTick = Math.floor(Date.now() / state.config.tickMs);\n' +
          '  const contactTick = majorityValue(state.configuration.voterIds, (id) =>\n',
      },
      {
        file: serveReads,
        before: 'id === state.config.nodeId ? state.now : ',
        after: 'id === state.config.nodeId ? wallTick : ',
      },
      {
        file: serveReads,
        before: 'contactTick >= 0 && state.now - contactTick < ',
        after: 'contactTick >= 0 && wallTick - contactTick < ',
      },
    ],
    killers: [
      ...bySimulator,
      byTest(paperClients, 'a read of kind contact needs no round while a quorum was heard within T of its heartbeat'),
    ],
  },
  {
    id: 'M51',
    bug: 'The question of a follower proves the leadership among five voters, too, of which two are no majority.',
    edits: [{ file: serveReads, before: 'configuration.quorumSize <= 2', after: 'configuration.quorumSize <= 3' }],
    killers: [...bySimulator, byTest(paperClients, 'a question that comes from one of four voters is no proof')],
  },
  {
    id: 'M52',
    bug: 'The question of a learner proves the leadership.',
    edits: [{ file: serveReads, before: ' && configuration.isVoter(from);', after: ';' }],
    killers: [byTest(paperClients, 'a question that comes from a learner is no proof')],
  },
  {
    id: 'M53',
    bug: 'A voter on a new, empty data directory proves the leadership by its question.',
    edits: [
      {
        file: serveReads,
        before: 'configuration.knows(from, fromInstance) && ackedRoundOf',
        after: 'fromInstance.length > 0 && ackedRoundOf',
      },
    ],
    killers: [byTest(paperClients, 'a question that comes from another data directory is no proof')],
  },
  {
    id: 'M54',
    bug: 'A leader that is leaving counts itself with the voter that asks.',
    edits: [{ file: serveReads, before: '<= 2 && state.isVoter && ', after: '<= 2 && ' }],
    killers: [byTest(paperClients, 'a leader that leaves is not counted with the asker')],
  },
  {
    id: 'M55',
    bug: 'A voter that lost what it had stored proves the leadership by its question.',
    edits: [{ file: replicate, before: 'progress === undefined || progress.isWiped', after: 'progress === undefined' }],
    killers: [byTest(paperClients, 'a question of a voter that lost what it had stored is no proof')],
  },
];

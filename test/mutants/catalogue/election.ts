import type { Mutant } from '../mutant.js';
import { bySimulator } from '../mutant.js';

/** Bugs in who leads. */
export const electionMutants: readonly Mutant[] = [
  {
    id: 'M01',
    bug: 'Half of the voters elect a leader where their number is even, and less than half where it is odd.',
    edits: [
      {
        file: 'src/raft/membership/majority-quorum.ts',
        before: 'const quorum = Math.floor(voterIds.length / 2) + 1;',
        after: 'const quorum = Math.max(1, Math.floor(voterIds.length / 2));',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M04',
    bug: 'The answer to a request for a vote leaves before the vote is durable.',
    edits: [
      {
        file: 'src/raft/election/vote.ts',
        before: "state.sendAfterWrite({ type: 'requestVoteResponse'",
        after: "state.send({ type: 'requestVoteResponse'",
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M05',
    bug: 'A higher term that a message brings is not stored, only the next vote is.',
    edits: [
      {
        file: 'src/raft/take-ready.ts',
        before: 'handed.currentTerm !== state.currentTerm || handed.votedFor !== state.votedFor;',
        after: 'handed.votedFor !== state.votedFor && state.votedFor !== null;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M06',
    bug: 'A voter votes again in the same term where the second candidate has the longer log.',
    edits: [
      {
        file: 'src/raft/election/vote.ts',
        before: 'if (state.votedFor !== null && state.votedFor !== message.from) {',
        after:
          'if (state.votedFor !== null && state.votedFor !== message.from' +
          ' && message.lastLogIndex <= state.log.lastIndex) {',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M14',
    bug: 'Logs are compared by their last index first and by their last term only where that is equal.',
    edits: [
      {
        file: 'src/raft/log/raft-log.ts',
        before: 'return last.term > this.lastTerm || (last.term === this.lastTerm && last.index >= this.lastIndex);',
        after: 'return last.index > this.lastIndex || (last.index === this.lastIndex && last.term >= this.lastTerm);',
      },
    ],
    killers: bySimulator,
  },
  {
    // There is no lease that a hand-over could outlive: what it stops is proposals, and its end must come.
    id: 'M24',
    bug: 'A hand-over of leadership whose target does not take over is never given up.',
    edits: [
      {
        file: 'src/raft/election/leader-transfer.ts',
        before: 'if (isOverdue || !state.configuration.isVoter(transfer.target)) {',
        after: 'if (isOverdue && !state.configuration.isVoter(transfer.target)) {',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M32',
    bug: 'The higher term in a refused pre-vote is ignored.',
    edits: [
      {
        file: 'src/raft/step.ts',
        before: 'return message.preVote && message.granted;',
        after: 'return message.preVote;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M33',
    bug: 'Votes and pre-votes are given while a leader is heard.',
    edits: [
      {
        file: 'src/raft/raft-state.ts',
        before: 'return this.isLeader || this.now - this.electionTimerTick < this.config.electionTimeoutTicks;',
        after: 'return false;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M34',
    bug: 'A leader that hears no quorum goes on leading.',
    edits: [
      {
        file: 'src/raft/election/check-quorum.ts',
        before: 'return active.length >= state.configuration.quorumSize;',
        after: 'return active.length >= 1;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M35',
    bug: 'Being asked for a pre-vote raises the term of the voter.',
    edits: [
      {
        file: 'src/raft/step.ts',
        before: "    case 'requestVote':\n      return message.preVote;\n",
        after: "    case 'requestVote':\n      return false;\n",
      },
      {
        file: 'src/raft/election/vote.ts',
        before: 'if (message.term <= state.currentTerm) {',
        after: 'if (message.term < state.currentTerm) {',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M44',
    bug: 'Every answer to a request for a vote counts, also a second one of the same voter.',
    edits: [
      {
        file: 'src/raft/election/campaign.ts',
        before: '!state.configuration.knows(message.from, message.fromInstance) || state.votes.has(message.from)',
        after: '!state.configuration.knows(message.from, message.fromInstance)',
      },
      {
        file: 'src/raft/election/campaign.ts',
        before: 'state.votes.set(message.from, message.granted);',
        after: 'state.votes.set(`${message.from}, ${state.votes.size}`, message.granted);',
      },
      {
        file: 'src/raft/membership/majority-quorum.ts',
        before: 'voterIds.filter((id) => votes.get(id) === true).length',
        after: '[...votes.values()].filter((isGranted) => isGranted).length',
      },
      {
        file: 'src/raft/membership/majority-quorum.ts',
        before: 'voterIds.filter((id) => votes.get(id) === false).length',
        after: '[...votes.values()].filter((isGranted) => !isGranted).length',
      },
    ],
    killers: bySimulator,
  },
];

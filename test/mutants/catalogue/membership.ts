import type { Mutant } from '../mutant.js';
import { bySimulator, byTest } from '../mutant.js';

const changeMembership = 'src/raft/membership/change-membership.ts';

const confChange = 'src/raft/membership/conf-change.ts';

/** Bugs in who counts. */
export const membershipMutants: readonly Mutant[] = [
  {
    id: 'M26',
    bug: 'A change of the members is appended before the one before it is committed.',
    edits: [
      {
        file: changeMembership,
        before: 'if (state.log.configurationIndex > state.commitIndex) {',
        after: 'if (state.log.configurationIndex > state.log.lastIndex) {',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M27',
    bug: 'A change of the members is in force only once it is committed.',
    edits: [
      {
        file: 'src/raft/raft-state.ts',
        before: 'return this.log.configuration;',
        after: 'return this.log.configurationAsOf(this.commitIndex);',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M28',
    bug: 'A leader changes the members before it committed an entry of its own term (the bug of 2015).',
    edits: [
      {
        file: changeMembership,
        before: 'if (!state.hasCommittedInTerm) {',
        after: 'if (!state.hasCommittedInTerm && !state.isLeader) {',
      },
    ],
    killers: [
      ...bySimulator,
      byTest('test/raft/figures.spec.ts', 'two removals from the same members are never both committed'),
    ],
  },
  {
    id: 'M29',
    bug: 'A change of the members that is cut off with the end of the log stays in force.',
    edits: [
      {
        file: 'src/raft/membership/configuration-history.ts',
        before: '    this.steps = this.steps.filter((step) => step.index < from);\n',
        after: '',
      },
    ],
    killers: bySimulator,
  },
  {
    // Who counts follows from the members alone: forgetting a removed node's progress has no part in it.
    id: 'M31',
    bug: 'Who is no voter, a learner or a voter that was replaced, counts for the commit index.',
    edits: [
      {
        file: 'src/raft/replication/commit.ts',
        before: 'majorityValue(state.configuration.voterIds, ',
        after: 'majorityValue(state.configuration.members.map((member) => member.id), ',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M42',
    bug: 'A node whose disk was wiped votes and acknowledges under its old name.',
    edits: [
      {
        file: 'src/raft/election/campaign.ts',
        before: '!state.configuration.knows(message.from, message.fromInstance) || ',
        after: '!state.configuration.isVoter(message.from) || ',
      },
      {
        file: 'src/raft/roles/leader.ts',
        before: 'return state.configuration.knows(message.from, message.fromInstance) && ',
        after: 'return ',
      },
    ],
    killers: [
      ...bySimulator,
      byTest(
        'test/raft/paper-membership.spec.ts',
        'a wiped disk under a known id neither elects, commits nor confirms',
      ),
    ],
  },
  {
    id: 'M45',
    bug: 'Another instance under the id of a member is taken for the same one that moved.',
    edits: [
      {
        file: confChange,
        before: 'existing.instanceId === request.instanceId;',
        after: 'existing.id === request.id;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M46',
    bug: 'A member that moved keeps its old address.',
    edits: [
      {
        file: confChange,
        before: '{ ...existing, id, instanceId, httpAddr, raftAddr }',
        after: '{ httpAddr, raftAddr, ...existing, id, instanceId }',
      },
    ],
    killers: [
      ...bySimulator,
      byTest('test/raft/paper-membership.spec.ts', 'the same id and instance again updates the addresses and keeps'),
    ],
  },
  {
    id: 'M47',
    bug: 'A leader that the cluster has removed leads on.',
    edits: [
      {
        file: 'src/raft/roles/leader.ts',
        before: 'if (!state.isVoter && state.log.configurationIndex <= state.commitIndex) {',
        after: 'if (!state.isVoter && state.log.configurationIndex > state.log.lastIndex) {',
      },
    ],
    killers: [
      byTest('test/raft/paper-membership.spec.ts', 'a leader that removes itself leads until that is committed'),
    ],
  },
  {
    id: 'M48',
    bug: 'A joiner is a voter at once, before it has the log.',
    edits: [
      {
        file: confChange,
        before: "instanceId: request.instanceId ?? unknownInstance, role: 'learner' }",
        after: "instanceId: request.instanceId ?? unknownInstance, role: 'voter' }",
      },
    ],
    killers: [byTest('test/raft/paper-membership.spec.ts', 'a joiner comes in as a learner, and is promoted')],
  },
  {
    id: 'M49',
    bug: 'A voter is removed although no majority of those that stay is heard.',
    edits: [
      {
        file: 'src/raft/membership/removal.ts',
        before: 'if (healthy.length >= rest.quorumSize) {',
        after: 'if (healthy.length >= 1) {',
      },
    ],
    killers: [byTest('test/raft/leaving.spec.ts', 'never where of the others no majority is heard')],
  },
  {
    id: 'M50',
    bug: 'After a rescue the lost voters still count.',
    edits: [
      {
        file: 'src/consensus/rescue.ts',
        before: "instanceId: unknownInstance, role: 'learner', promote };",
        after: 'instanceId: unknownInstance, promote };',
      },
    ],
    killers: [byTest('src/consensus/rescue.spec.ts', 'lets the others wait as learners')],
  },
];

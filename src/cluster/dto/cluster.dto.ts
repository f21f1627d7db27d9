import { z } from 'zod';

const leaderOnly = 'Known to the leader, who is asked for it; null where it cannot be asked.';

const memberSchema = z.object({
  id: z.string(),
  instanceId: z.string(),
  httpAddr: z.string(),
  raftAddr: z.string(),
  role: z.enum(['leader', 'follower', 'learner']).meta({ description: 'As this node knows it.' }),
  voter: z.boolean(),
  lagEntries: z
    .int()
    .nullable()
    .meta({ description: `Entries that it lacks of those on the member that has stored most. ${leaderOnly}` }),
  matchIndex: z
    .int()
    .nullable()
    .meta({ description: `Stored there up to this index. ${leaderOnly}` }),
  lastContactMs: z
    .number()
    .nullable()
    .meta({ description: `Milliseconds since the leader heard it; null also where it never did. ${leaderOnly}` }),
  healthy: z
    .boolean()
    .nullable()
    .meta({ description: `Heard within the last election timeout. ${leaderOnly}` }),
});

const alarmSchema = z.object({
  code: z.enum(['STATE_DIVERGED']),
  index: z.int().meta({ description: 'The applied index at which the states were compared.' }),
  members: z
    .array(z.string())
    .meta({ description: 'Ids of those that are not like the majority; without a majority, of all that answered.' }),
  detail: z.string(),
  sinceMs: z.number().meta({ description: 'Milliseconds since these members were first found unlike the others.' }),
});

const changeSchema = z.object({
  kind: z.enum(['members', 'promotion']).meta({
    description: '`members`: a new list is not committed yet; `promotion`: a learner is to become a voter.',
  }),
  id: z.string().nullable().meta({ description: 'Of the learner.' }),
  detail: z.string(),
});

/** Answer of `GET /cluster`. */
export const clusterSchema = z.object({
  clusterId: z.string().nullable().meta({ description: 'Null while the node belongs to no cluster.' }),
  nodeId: z.string().meta({ description: 'The node that answers; everything is as it sees it.' }),
  leaderId: z.string().nullable(),
  term: z.int(),
  commitIndex: z.int(),
  appliedIndex: z.int(),
  revision: z.int(),
  checksum: z.string().meta({ description: 'Of the state at appliedIndex; equal on every node with the same index.' }),
  failuresTolerated: z
    .int()
    .nullable()
    .meta({ description: `How many healthy voters can fail with a quorum left. ${leaderOnly}` }),
  members: z.array(memberSchema),
  configurationIndex: z.int().meta({
    description: 'Index of the entry that brought these members; above commitIndex it may still be taken back.',
  }),
  changes: z.array(changeSchema).meta({ description: 'Of the members, in progress. Empty where nothing changes.' }),
  comparedIndex: z
    .int()
    .meta({ description: 'Highest applied index at which the states of all members were found equal; 0: none yet.' }),
  alarms: z.array(alarmSchema).meta({
    description: 'What the last comparison of the states found that this node heard of. Empty where all is well.',
  }),
});

/** Answer of `GET /status`. */
export const statusSchema = z.object({
  version: z.string(),
  uptimeSeconds: z.number(),
  memory: z.object({ rssBytes: z.int(), heapUsedBytes: z.int() }),
  node: z.object({
    id: z.string(),
    instanceId: z.string(),
    clusterId: z.string().nullable(),
    phase: z.enum(['starting', 'joining', 'running', 'recovering', 'stopping', 'failed']),
    failure: z.string().nullable().meta({ description: 'Why the storage failed.' }),
    exclusion: z
      .enum(['removed', 'replaced', 'leftBehind'])
      .nullable()
      .meta({ description: 'What the cluster did with this node; null: a member, as far as is known here.' }),
  }),
  raft: z.object({
    role: z.enum(['follower', 'preCandidate', 'candidate', 'leader']),
    membership: z
      .enum(['voter', 'learner'])
      .nullable()
      .meta({ description: 'Null: no member, as far as is known here.' }),
    term: z.int(),
    leaderId: z.string().nullable(),
    lastContactMs: z.number().nullable(),
    commitIndex: z.int(),
    appliedIndex: z.int(),
    lagEntries: z.int().meta({
      description: 'Entries that the leader told to be committed and that are not applied here yet, or not even here.',
    }),
    applyLag: z.int().meta({ description: 'Of those, the ones that are here.' }),
  }),
  log: z.object({
    firstIndex: z.int(),
    lastIndex: z.int(),
    durableIndex: z.int().meta({ description: 'The last entry that is stored for good here.' }),
    durableTerm: z.int().meta({ description: 'Term of that entry.' }),
    snapshotIndex: z.int(),
    bytes: z.int(),
  }),
  store: z.object({ revision: z.int(), checksum: z.string() }),
  storage: z.object({
    usedBytes: z
      .number()
      .nullable()
      .meta({ description: 'Of log and snapshots; null where the storage does not answer.' }),
    freeBytes: z.number().nullable().meta({ description: 'Null where the storage does not say: Postgres never does.' }),
    isFull: z.boolean().meta({ description: 'Less than the reserve is free.' }),
    isStalled: z.boolean().meta({ description: 'A write takes longer than an election timeout.' }),
  }),
  events: z
    .array(z.object({ time: z.string(), text: z.string() }))
    .meta({ description: 'What happened to the cluster as this node saw it since its start, the latest 100.' }),
  settings: z.record(z.string(), z.unknown()).meta({ description: 'In force on this node; secrets are masked.' }),
});

export type ClusterView = z.infer<typeof clusterSchema>;
export type StatusView = z.infer<typeof statusSchema>;

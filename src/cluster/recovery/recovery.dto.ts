import { z } from 'zod';

const lastMeta = {
  description: 'Of the last entry that it stores; null where it did not answer, or its storage is away.',
};

const memberSchema = z.object({
  id: z.string(),
  httpAddr: z.string(),
  voter: z.boolean(),
  state: z.enum(['present', 'unclear', 'absent', 'rescued']).meta({
    description:
      'As it answers over HTTP. `unclear`: it reads back its data, or its storage is away; `absent`: it does not answer as this member; `rescued`: it belongs to a later epoch of the cluster.',
  }),
  lastIndex: z.int().nullable().meta(lastMeta),
  lastTerm: z.int().nullable().meta(lastMeta),
  commitIndex: z.int().nullable().meta({ description: 'Known to be committed there.' }),
});

/** Answer of `GET /cluster/recovery`. */
export const recoverySchema = z.object({
  clusterId: z.string().nullable().meta({ description: 'Null while the node belongs to no cluster.' }),
  nodeId: z.string(),
  lastIndex: z.int(),
  lastTerm: z.int(),
  commitIndex: z.int(),
  term: z.int(),
  leaderId: z.string().nullable(),
  quorum: z.int().meta({ description: 'Voters that a majority takes.' }),
  members: z.array(memberSchema).meta({ description: 'As this node knows them.' }),
  isQuorumLost: z
    .boolean()
    .meta({ description: 'No leader is known, and fewer voters answer than a majority takes, unclear ones counted.' }),
  choose: z.string().nullable().meta({
    description:
      'Of those that are present, the one whose log is the most up to date; null: nothing is lost, or it is not clear yet.',
  }),
  advice: z.string(),
});

/** What is read of the answer of a member to `GET /status`. */
export const memberStatusSchema = z.object({
  node: z.object({ id: z.string(), instanceId: z.string(), clusterId: z.string().nullable(), phase: z.string() }),
  raft: z.object({ commitIndex: z.int() }),
  log: z.object({ durableIndex: z.int(), durableTerm: z.int() }),
});

export type RecoveryView = z.infer<typeof recoverySchema>;
export type MemberStatus = z.infer<typeof memberStatusSchema>;

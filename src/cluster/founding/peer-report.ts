import { z } from 'zod';

/** Answer of `GET /cluster/founding`: what a node tells those that may found a cluster with it. */
export const peerReportSchema = z.object({
  nodeId: z.string(),
  instanceId: z.string(),
  httpAddr: z.string(),
  raftAddr: z.string(),
  expect: z.int().meta({ description: 'With how many it founds, as --bootstrap-expect says; 0: with nobody.' }),
  clusterId: z
    .string()
    .nullable()
    .meta({ description: 'The cluster that it belongs to or is founding; null: it is empty.' }),
  members: z
    .array(z.object({ id: z.string(), instanceId: z.string(), httpAddr: z.string(), raftAddr: z.string() }))
    .meta({ description: 'Of that cluster, as far as it knows.' }),
  isFounding: z.boolean().meta({ description: 'Whether these are the founders: the members have not changed yet.' }),
  sees: z.array(z.string()).meta({
    description: 'The empty nodes, itself among them, that answered when it last asked: id and instance, sorted.',
  }),
});

export type PeerReport = z.infer<typeof peerReportSchema>;

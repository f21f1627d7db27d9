import { z } from 'zod';
import { parseAddress } from '../../lib/address.js';
import { nodeIdPattern } from '../../lib/node-id.js';

const address = z
  .string()
  .max(512)
  .refine((text) => parseAddress(text) !== null, {
    error: 'must be host:port without a scheme, the port from 1 to 65535, an IPv6 address in brackets',
  });

/** Name of a node. */
export const nodeIdSchema = z
  .string()
  .regex(nodeIdPattern, { error: 'must be 1 to 64 letters, digits, dots, underscores and hyphens' });

/** Body of `POST /join`. */
export const joinSchema = z
  .strictObject({
    id: nodeIdSchema.meta({ description: 'Name of the node, unique in the cluster.' }),
    httpAddr: address.meta({ description: '`host:port` at which clients and other members reach it.' }),
    raftAddr: address.meta({ description: '`host:port` at which its peers reach it.' }),
    instanceId: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, { error: 'must be 1 to 128 visible ASCII characters' })
      .nullable()
      .default(null)
      .meta({ description: 'Names its data directory. Left out: whichever has the id now.' }),
    clusterId: z
      .string()
      .max(128)
      .nullable()
      .default(null)
      .meta({ description: 'Of a node that has data: it is refused where they belong to another cluster or epoch.' }),
    learner: z
      .boolean()
      .default(false)
      .meta({ description: 'Comes in as a read replica for good. A member stays what it is.' }),
    replace: z.boolean().default(false).meta({ description: 'Takes the place of another instance under the same id.' }),
  })
  .meta({ examples: [{ id: 'node04', httpAddr: 'host-04:8091', raftAddr: 'host-04:8089' }] });

const joinedMemberSchema = z.object({
  id: z.string(),
  instanceId: z.string(),
  httpAddr: z.string(),
  raftAddr: z.string(),
  voter: z.boolean(),
});

/** Answer of `POST /join`: the members once the change is in force. */
export const joinedSchema = z.object({ clusterId: z.string(), members: z.array(joinedMemberSchema) });

export type JoinBody = z.infer<typeof joinSchema>;
export type Joined = z.infer<typeof joinedSchema>;

import { z } from 'zod';
import { nodeIdSchema } from './join.dto.js';

/** Body of `POST /cluster/leader`; an empty one says the same as an empty object. */
export const handOverSchema = z
  .strictObject({
    id: nodeIdSchema.optional().meta({ description: 'Who is to lead. Left out: the voter that stores most.' }),
  })
  .meta({ examples: [{ id: 'node02' }, {}] });

/** Answer of `POST /cluster/leader`. */
export const leaderSchema = z.object({ leaderId: z.string(), term: z.int() });

export type HandOverBody = z.infer<typeof handOverSchema>;

import { z } from 'zod';

/** The body of every error. */
export const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: 'A URN made of the code.' }),
    title: z.string().meta({ description: 'The same for every problem of this code.' }),
    status: z.int(),
    detail: z.string().meta({ description: 'What went wrong and what to do about it.' }),
    code: z.string().meta({ description: 'For programs.', examples: ['KEY_NOT_FOUND'] }),
    requestId: z.string().meta({ description: 'Under which the log of the node has more; also in X-Request-Id.' }),
  })
  .meta({ description: 'An error (RFC 9457). Some have further members.' });

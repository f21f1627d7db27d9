import { z } from 'zod';

const revision = z.int().min(0).meta({ description: 'Counts the writes of the store that changed something.' });
const jsonValue = z.unknown().meta({ description: 'Any JSON value: its text is kept as it was given.' });

/** Body of `POST /key`. */
export const writeKeysSchema = z
  .record(z.string(), jsonValue)
  .meta({ description: 'Keys with their values, each key once, at least one.', examples: [{ foo: 'bar' }] });

export const writtenSchema = z.object({ revision });

export const deletedSchema = z.object({
  revision,
  deleted: z.int().min(0).meta({ description: 'How many keys there were; with 0 the revision is no new one.' }),
});

export const plainKeySchema = z
  .record(z.string(), jsonValue)
  .meta({ description: 'The key with its value.', examples: [{ foo: 'bar' }] });

const revisions = {
  createRevision: z.int().min(1).meta({ description: 'Revision of the write that made the key.' }),
  modRevision: z.int().min(1).meta({ description: 'Revision of its last write; the entity tag.' }),
  version: z.int().min(1).meta({ description: 'Number of writes since it was made.' }),
};

export const metaKeySchema = z.object({ key: z.string(), value: jsonValue, ...revisions });

export const rangeSchema = z.object({
  items: z
    .array(z.object({ key: z.string(), value: jsonValue.optional(), ...revisions }))
    .meta({ description: 'In byte order of the keys; without the values where keysOnly asks so.' }),
  next: z.string().nullable().meta({ description: 'Give it as `after` for the next page; null on the last one.' }),
  revision,
});

export const countSchema = z.object({ count: z.int().min(0), revision });

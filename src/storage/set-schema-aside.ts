import { DataSource } from 'typeorm';
import { postgresNameBytesMax } from '../config/text-value.js';
import type { InstanceId } from '../raft/index.js';
import { postgresPlainOptions } from './postgres-options.js';
import type { PostgresOptions } from './postgres-options.js';

/** Characters of the instance id in the name: enough to tell two of them apart. */
const shownIdLength = 12;

/**
 * Renames the schema of a node.
 *
 * @returns Its new name.
 */
export async function setSchemaAside(options: PostgresOptions, instanceId: InstanceId): Promise<string> {
  const suffix = `_removed_${instanceId.slice(0, shownIdLength)}`;
  const name = options.schema.slice(0, postgresNameBytesMax - suffix.length) + suffix;
  const dataSource = await new DataSource(postgresPlainOptions(options)).initialize();
  try {
    await dataSource.query(`ALTER SCHEMA ${quoted(options.schema)} RENAME TO ${quoted(name)}`);
  } finally {
    await dataSource.destroy();
  }
  return `schema ${name}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

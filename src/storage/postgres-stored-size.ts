import { StoredSize } from '../ports/stored-size.port.js';
import type { PostgresClient } from './postgres-client.js';

/** Tables with their indexes and what is kept outside their rows. */
const sizeSql =
  'SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class c ' +
  "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'";

/** The size of the schema of a node, as its server tells. */
export class PostgresStoredSize extends StoredSize {
  constructor(private readonly client: PostgresClient) {
    super();
  }

  override async bytes(): Promise<number | null> {
    try {
      const rows = await this.client.call((stores) => stores.ask(sizeSql), true);
      return Number((rows as readonly { readonly bytes: string }[])[0]?.bytes);
    } catch {
      // The server is away; whoever writes to it tells why.
      return null;
    }
  }
}

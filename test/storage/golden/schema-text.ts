import type { PostgresServer } from '../../../scripts/cluster/postgres-server.js';

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly fallback: string | null;
}

/**
 * The tables of a schema with their rows as SQL that makes them anew in the schema that is current then.
 *
 * It knows what tables of this project have: columns, a primary key, a counter.
 */
export async function schemaText(server: PostgresServer, schema: string): Promise<string> {
  const tables = await server.query('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [
    schema,
  ]);
  const texts: string[] = [];
  for (const { name } of tables) {
    texts.push(await tableText(server, { schema, table: String(name) }));
  }
  return texts.join('\n');
}

async function tableText(server: PostgresServer, place: { schema: string; table: string }): Promise<string> {
  const { schema, table } = place;
  const columns = (await server.query(
    `SELECT column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable, column_default AS fallback
       FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`,
    [schema, table],
  )) as unknown as readonly ColumnRow[];
  const primary = await server.query(
    `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
      WHERE i.indisprimary AND i.indrelid = $1::regclass ORDER BY array_position(i.indkey, a.attnum)`,
    [`"${schema}"."${table}"`],
  );
  const key = primary.map(({ name }) => `"${String(name)}"`).join(', ');
  const literals = columns.map(literalOf).join(` || ', ' || `);
  const rows = await server.query(`SELECT ${literals} AS text FROM "${schema}"."${table}" ORDER BY ${key}`);
  const counter = columns.find(({ fallback }) => fallback?.startsWith('nextval') === true);
  return [
    `CREATE TABLE "${table}" (${[...columns.map(definitionOf), `PRIMARY KEY (${key})`].join(', ')});`,
    ...rows.map(({ text }) => `INSERT INTO "${table}" VALUES (${String(text)});`),
    ...(counter === undefined
      ? []
      : [`SELECT setval(pg_get_serial_sequence('${table}', '${counter.name}'), ${rows.length});`]),
    '',
  ].join('\n');
}

function definitionOf({ name, type, nullable, fallback }: ColumnRow): string {
  const isCounter = fallback?.startsWith('nextval') === true;
  return `"${name}" ${isCounter ? 'serial' : type}${nullable ? '' : ' NOT NULL'}`;
}

/** An expression whose value is the column's as a literal; texts of the tables hold no line feeds. */
function literalOf({ name, type }: ColumnRow): string {
  return type === 'bytea' ? `quote_literal("${name}"::text)` : `coalesce(quote_literal("${name}"::text), 'NULL')`;
}

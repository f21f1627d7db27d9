/**
 * Type of the columns of bytes, by SQLite's name for it: a decorator cannot know the database. The tables are made by
 * migrations, which do; Postgres's driver is told to let the name pass.
 */
export const bytes = 'blob';

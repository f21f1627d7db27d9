import { prepareDataDirectory } from './data-directory.js';
import { logFile, snapshotFile } from './data-files.js';
import { openDataSource, sqliteLogOptions, sqliteSnapshotOptions } from './data-source.js';
import { SqliteDialect } from './dialects/sqlite.js';
import { finishSettingAside } from './set-files-aside.js';
import { SqlSession } from './sql-session.js';
import { SqlStores } from './sql-stores.js';
import type { StorageWarnings } from './storage-warnings.js';

/**
 * Takes the lock of the directory and brings its databases up to date, the log first: it decides who may go on.
 *
 * @throws StorageError when the directory or a database cannot be used; nothing stays open then.
 */
export async function startSqliteStores(dataDir: string, warnings: StorageWarnings): Promise<SqlStores> {
  finishSettingAside(dataDir);
  prepareDataDirectory(dataDir, [logFile, snapshotFile], warnings);
  const dialect = new SqliteDialect();
  const log = await openDataSource(sqliteLogOptions(dataDir), dialect);
  const opened = [log];
  try {
    const snapshots = await openDataSource(sqliteSnapshotOptions(dataDir), dialect);
    opened.unshift(snapshots);
    return await SqlStores.boot({
      log: new SqlSession(log, dialect),
      snapshots: new SqlSession(snapshots, dialect),
      warnings,
    });
  } catch (error) {
    for (const dataSource of opened) {
      await dataSource.destroy();
    }
    throw error;
  }
}

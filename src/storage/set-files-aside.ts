import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceId } from '../raft/index.js';
import { syncDirectory } from './data-directory.js';
import { logFile, snapshotFile } from './data-files.js';

/** The end of the name of a folder that does not hold all files yet. */
const unfinished = '.unfinished';

/** SQLite keeps these beside a database. */
const suffixes = ['', '-wal', '-shm', '-journal'];

/**
 * Moves the databases of `dataDir` into a folder in it.
 *
 * @returns The folder.
 */
export function setFilesAside(dataDir: string, instanceId: InstanceId): string {
  const folder = join(dataDir, `removed-${instanceId}`);
  mkdirSync(`${folder}${unfinished}`, { recursive: true, mode: 0o700 });
  syncDirectory(dataDir);
  moveAll(dataDir, folder);
  return folder;
}

/** Goes on with what a crash interrupted: half of the files would look like damaged data. */
export function finishSettingAside(dataDir: string): void {
  const names = existsSync(dataDir) && statSync(dataDir).isDirectory() ? readdirSync(dataDir) : [];
  for (const name of names.filter((each) => each.startsWith('removed-') && each.endsWith(unfinished))) {
    moveAll(dataDir, join(dataDir, name.slice(0, -unfinished.length)));
  }
}

function moveAll(dataDir: string, folder: string): void {
  const target = `${folder}${unfinished}`;
  for (const file of [snapshotFile, logFile].flatMap((name) => suffixes.map((suffix) => name + suffix))) {
    if (existsSync(join(dataDir, file))) {
      renameSync(join(dataDir, file), join(target, file));
    }
  }
  syncDirectory(target);
  syncDirectory(dataDir);
  renameSync(target, folder);
  syncDirectory(dataDir);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder whose name begins with `raftdb-bench-<name>`; it goes with this process, whatever ends it. */
export function scratchFolder(name = ''): string {
  const folder = mkdtempSync(join(tmpdir(), `raftdb-bench-${name}`));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

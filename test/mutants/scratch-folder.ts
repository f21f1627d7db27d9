import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const open = new Set<string>();

/** Makes a folder for a copy of the code; whoever makes it removes it. */
export function makeScratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'raftdb-mutants-'));
  open.add(folder);
  return folder;
}

export function removeScratchFolder(folder: string): void {
  open.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Removes what is left when the process ends early. */
export function removeScratchFolders(): void {
  for (const folder of [...open]) {
    removeScratchFolder(folder);
  }
}

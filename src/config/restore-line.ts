import { revisionBump } from '../lib/revision-bump.js';
import { SettingsError } from './settings.errors.js';

/** A backup that becomes the data of a new cluster's first node. */
export interface RestoreRequest {
  readonly file: string;
  /** The revision goes up by this above the backup's, at least 1. */
  readonly bump: number;
}

const bumpMax = 1_000_000_000_000_000;
const bumpFlag = /^--?bump-revision(?:=(.*))?$/s;

/**
 * Reads `restore FILE [flags] DATA_DIR`.
 *
 * @returns What is restored, and the arguments that are those of every start; null where nothing is to be restored.
 * @throws SettingsError where the file is not named or the number is none.
 */
export function readRestore(
  args: readonly string[],
): { readonly request: RestoreRequest; readonly args: readonly string[] } | null {
  const [command, file, ...rest] = args;
  if (command !== 'restore') {
    return null;
  }
  if (file === undefined || file.startsWith('-')) {
    throw new SettingsError('restore takes the file of a backup first: raftd restore FILE -id NAME DATA_DIR');
  }
  const place = rest.findIndex((arg) => bumpFlag.test(arg));
  if (place === -1) {
    return { request: { file, bump: revisionBump }, args: rest };
  }
  const inline = bumpFlag.exec(rest[place] ?? '')?.[1];
  const bump = readBump(inline ?? rest[place + 1] ?? '');
  return { request: { file, bump }, args: rest.toSpliced(place, inline === undefined ? 2 : 1) };
}

function readBump(text: string): number {
  const bump = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(bump >= 1 && bump <= bumpMax)) {
    throw new SettingsError(`--bump-revision takes a whole number from 1 to ${bumpMax}`);
  }
  return bump;
}

import { revisionBump } from '../lib/revision-bump.js';
import { SettingsError } from './settings.errors.js';
import { takeFlag } from './take-flag.js';

/** A backup that becomes the data of a new cluster's first node. */
export interface RestoreRequest {
  readonly file: string;
  /** The revision goes up by this above the backup's, at least 1. */
  readonly bump: number;
}

const bumpMax = 1_000_000_000_000_000;

/**
 * Reads `restore FILE [flags] DATA_DIR`.
 *
 * @returns What is restored, and the arguments that are those of every start; null where nothing is to be restored.
 * @throws SettingsError where the file is not named or the number is none.
 */
export function readRestore(
  words: readonly string[],
): { readonly request: RestoreRequest; readonly args: readonly string[] } | null {
  const [command, file, ...flags] = words;
  if (command !== 'restore') {
    return null;
  }
  if (file === undefined || file.startsWith('-')) {
    throw new SettingsError('restore takes the file of a backup first: raftd restore FILE -id NAME DATA_DIR');
  }
  const { text, rest: args } = takeFlag(flags, 'bump-revision');
  return { request: { file, bump: text === null ? revisionBump : readBump(text) }, args };
}

function readBump(text: string): number {
  const bump = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(bump >= 1 && bump <= bumpMax)) {
    throw new SettingsError(`--bump-revision takes a whole number from 1 to ${bumpMax}`);
  }
  return bump;
}

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GoldenVersion } from './read-back.js';

/** Where the data of all versions are. */
export const goldenFolder = fileURLToPath(new URL('.', import.meta.url));

/** Data that a version of the program left, with what they hold; the folder is named after the version. */
export interface GoldenData {
  readonly folder: string;
  readonly expected: GoldenVersion;
}

/** The data of every version, oldest first. */
export function goldenData(): GoldenData[] {
  const versions = readdirSync(goldenFolder, { withFileTypes: true }).filter((each) => each.isDirectory());
  return versions
    .map(({ name }) => `${goldenFolder}${name}`)
    .sort()
    .map((folder) => ({
      folder,
      expected: JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as GoldenVersion,
    }));
}

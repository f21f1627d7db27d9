import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the project. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** The text of a file by its path from the root of the project. */
export function readSource(file: string): string {
  return readFileSync(join(projectRoot, file), 'utf8');
}

import type { Mutant } from './mutant.js';

/** The edits of a mutant do not fit the code any more: the mutant has to be planted anew. */
export class EditError extends Error {}

/**
 * The changed files of a mutant: path and text of each.
 *
 * @param read - Gives the text of a file by its path from the root of the project.
 * @throws EditError when a text that is to be replaced does not occur exactly once.
 */
export function applyEdits(mutant: Mutant, read: (file: string) => string): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const { file, before, after } of mutant.edits) {
    const parts = (changed.get(file) ?? read(file)).split(before);
    if (parts.length !== 2) {
      throw new EditError(`${mutant.id} does not fit: ${file} has ${parts.length - 1} times: ${before.trim()}`);
    }
    changed.set(file, parts.join(after));
  }
  return changed;
}

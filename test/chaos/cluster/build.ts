import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** A change of one place of a compiled file. */
export interface Patch {
  /** Path in `build`. */
  readonly file: string;
  /** Text that must be there exactly once. */
  readonly from: string;
  readonly to: string;
}

/**
 * Copies the compiled program into `folder`, so that a build of the project meanwhile changes nothing for a run, and
 * changes it in the places of `patches`: in its modules, which are bundled anew.
 *
 * @returns Path of the program.
 * @throws Error when a patch does not fit: the program has changed, and the patch must follow.
 */
export async function copyBuild(folder: string, patches: readonly Patch[] = []): Promise<string> {
  await mkdir(folder, { recursive: true });
  await cp(join(project, 'dist'), join(folder, 'dist'), { recursive: true });
  await cp(join(project, 'package.json'), join(folder, 'package.json'));
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
  if (patches.length > 0) {
    await cp(join(project, 'build'), join(folder, 'build'), { recursive: true });
    for (const patch of patches) {
      await apply(join(folder, 'build', patch.file), patch);
    }
    await promisify(execFile)(process.execPath, [join(project, 'scripts', 'bundle.mjs')], { cwd: folder });
  }
  return join(folder, 'dist', 'main.js');
}

async function apply(path: string, { file, from, to }: Patch): Promise<void> {
  const text = await readFile(path, 'utf8');
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`build/${file} has the text of a patch ${parts.length - 1} times instead of once: ${from}`);
  }
  await writeFile(path, parts.join(to));
}

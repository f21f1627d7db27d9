import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** The program of a node. */
export const mainFile = join(projectFolder, 'dist', 'main.js');

/** What dist/ is made from, besides src/. */
const buildFiles = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'scripts/bundle.mjs'];

/**
 * Builds dist/ where it is missing or older than its sources; its output appears only when it fails.
 *
 * @throws Error when the build fails.
 */
export function buildWhereStale(say: (line: string) => void): void {
  if (isUpToDate()) {
    return;
  }
  say('Building ...');
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: projectFolder, encoding: 'utf8' });
  if (build.status !== 0) {
    throw new Error(`The build failed.\n${build.stdout}${build.stderr}`.trimEnd(), { cause: build.error });
  }
}

function isUpToDate(): boolean {
  const built = statSync(mainFile, { throwIfNoEntry: false });
  if (built === undefined) {
    return false;
  }
  const sources = readdirSync(join(projectFolder, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return [...sources, ...buildFiles.map((name) => join(projectFolder, name))].every(
    (file) => statSync(file).mtimeMs <= built.mtimeMs,
  );
}

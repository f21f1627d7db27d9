import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copyStep, instructionsOf, lastStage, stagesOf, wordsOf } from './dockerfile.js';
import type { Stage } from './dockerfile.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a Dockerfile says about how its image runs. */
export interface ImagePlan {
  readonly workingFolder: string;
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number };
}

export function imagePlan(): ImagePlan {
  const stage = lastStage(dockerfileText());
  const only = (keyword: string): string => instructionsOf(stage, keyword).at(-1)?.getArgumentsContent() ?? '';
  const [uid = 0, gid = 0] = only('USER').split(':').map(Number);
  const pairs = instructionsOf(stage, 'ENV').flatMap(wordsOf);
  return {
    workingFolder: only('WORKDIR'),
    entrypoint: JSON.parse(only('ENTRYPOINT')) as string[],
    env: Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string])),
    user: { uid, gid },
  };
}

/**
 * Puts into `folder` what the image would hold, without an engine: what the last stage copies, with `dist` as it was
 * built here and the packages that a production install has. What the system of the base image holds is not there.
 */
export async function assembleImage(folder: string): Promise<void> {
  const plan = imagePlan();
  for (const instruction of instructionsOf(lastStage(dockerfileText()), 'COPY')) {
    const { from, sources, target } = copyStep(instruction);
    for (const source of sources) {
      const name = from === null ? source : relative('/build', source);
      const place = join(folder, plan.workingFolder, target.endsWith('/') ? join(target, source) : target);
      if (name === 'node_modules') {
        await copyProductionPackages(dirname(place));
      } else if (source !== '/data') {
        cpSync(join(root, name), place, { recursive: true });
      }
    }
  }
  // Otherwise only who made it could look into it.
  chmodSync(folder, 0o755);
  const dataDir = join(folder, plan.env.RAFTDB_DATA_DIR ?? '');
  mkdirSync(dataDir, { recursive: true });
}

/** Folders that the stages remove from the packages they install. */
export function removedFolders(): string[] {
  const runs = stagesOf(dockerfileText()).flatMap((stage: Stage) => instructionsOf(stage, 'RUN'));
  const words = runs.flatMap((run) => (run.getArgumentsContent() ?? '').split(/\s+/));
  return words.filter((word) => word.startsWith('node_modules/'));
}

/** A package inside another one belongs to it: it goes with it. */
async function copyProductionPackages(folder: string): Promise<void> {
  const { stdout } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
  const paths = stdout
    .trim()
    .split('\n')
    .map((path) => relative(root, path));
  const packages = paths.filter((path) => path !== '' && path.split('node_modules/').length === 2);
  mkdirSync(folder, { recursive: true });
  await run('cp', ['--archive', '--parents', ...packages, folder], { cwd: root });
  for (const removed of removedFolders()) {
    rmSync(join(folder, removed), { recursive: true, force: true });
  }
}

function dockerfileText(): string {
  return readFileSync(join(root, 'Dockerfile'), 'utf8');
}

import { validate } from 'dockerfile-utils';
import { copyStep, instructionsOf, stagesOf, wordsOf } from './dockerfile.js';
import type { Stage } from './dockerfile.js';
import type { IgnoreFile } from './ignore-file.js';

/** What surrounds a Dockerfile. */
export interface Surroundings {
  readonly ignored: IgnoreFile;
  readonly exists: (path: string) => boolean;
}

const digest = /^sha256:[0-9a-f]{64}$/;
const numericUser = /^([0-9]+):([0-9]+)$/;
const labels = ['title', 'description', 'licenses', 'version', 'revision'].map(
  (name) => `org.opencontainers.image.${name}`,
);

/** What is wrong with a Dockerfile, in words; empty where nothing is. */
export function dockerfileFindings(text: string, surroundings: Surroundings): string[] {
  const stages = stagesOf(text);
  const last = stages.at(-1);
  return [
    ...validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${JSON.stringify(message)}`),
    ...stages.flatMap((stage) => baseFindings(stage)),
    ...(new Set(stages.map(({ from }) => from.getImage())).size > 1 ? ['the stages have different bases'] : []),
    ...stages.flatMap((stage) => [...stepFindings(stage), ...copyFindings(stage, stages, surroundings)]),
    ...(last === undefined ? ['there is no stage'] : lastStageFindings(last)),
  ];
}

function baseFindings({ from }: Stage): string[] {
  const tag = from.getImageTag();
  const found: string[] = [];
  if (tag === null || tag === 'latest' || !/\d+\.\d+\.\d+/.test(tag)) {
    found.push(`${from.getImage() ?? 'FROM'} names no version`);
  }
  if (!digest.test(from.getImageDigest() ?? '')) {
    found.push(`${from.getImage() ?? 'FROM'} is not pinned by its digest`);
  }
  return found;
}

function stepFindings(stage: Stage): string[] {
  const found = instructionsOf(stage, 'ADD').map(() => 'ADD fetches and unpacks: COPY says what comes');
  for (const run of instructionsOf(stage, 'RUN')) {
    const command = run.getArgumentsContent() ?? '';
    if (command.includes('apt-get install') && !command.includes('--no-install-recommends')) {
      found.push('apt-get installs what nobody asked for');
    }
    if (/curl|wget/.test(command)) {
      found.push('a RUN downloads what no lock file names');
    }
    if (/npm (?:i|install)\b/.test(command)) {
      found.push('npm ci keeps to the lock file, npm install does not');
    }
  }
  for (const instruction of [...instructionsOf(stage, 'ENV'), ...instructionsOf(stage, 'ARG')]) {
    if (/password|secret|token|credential/i.test(instruction.getArgumentsContent() ?? '')) {
      found.push('a secret would stay in the image');
    }
  }
  return found;
}

function copyFindings(stage: Stage, stages: readonly Stage[], { ignored, exists }: Surroundings): string[] {
  return instructionsOf(stage, 'COPY').flatMap((instruction) => {
    const { from, sources } = copyStep(instruction);
    if (from !== null) {
      return stages.some(({ name }) => name === from) ? [] : [`COPY takes from ${from}, which is no stage`];
    }
    return sources.flatMap((source) => [
      ...(exists(source) ? [] : [`COPY takes ${source}, which is not there`]),
      ...(ignored.excludes(source) ? [`COPY takes ${source}, which .dockerignore keeps away`] : []),
    ]);
  });
}

function lastStageFindings(stage: Stage): string[] {
  const found = instructionsOf(stage, 'RUN').map(() => 'the last stage runs a shell');
  const user = numericUser.exec(instructionsOf(stage, 'USER').at(-1)?.getArgumentsContent() ?? '');
  if (user === null || Number(user[1]) === 0 || Number(user[2]) === 0) {
    found.push('the user is not a number other than 0 with a group other than 0');
  }
  const [entrypoint] = instructionsOf(stage, 'ENTRYPOINT');
  if (entrypoint === undefined || !isExecForm(entrypoint.getArgumentsContent() ?? '')) {
    found.push('the entrypoint is not a list of words');
  }
  for (const command of [...instructionsOf(stage, 'CMD'), ...instructionsOf(stage, 'HEALTHCHECK')]) {
    if (!/\[.*\]$|^NONE$/.test(command.getArgumentsContent() ?? '')) {
      found.push(`${command.getKeyword()} needs a shell`);
    }
  }
  const given = instructionsOf(stage, 'LABEL').flatMap(wordsOf).join('\n');
  found.push(...labels.filter((label) => !given.includes(`${label}=`)).map((label) => `there is no label ${label}`));
  return found;
}

function isExecForm(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

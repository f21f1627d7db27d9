import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifests.js';

/** Folder of the chart. */
export const chart = fileURLToPath(new URL('../../helm', import.meta.url));

/** The program that renders the chart: what `HELM` names, else `helm` on the path; null where it does not run. */
const helm = usable(process.env.HELM ?? 'helm');

if (helm === null) {
  // Jest shows nothing that a wholly skipped file says to the console.
  process.stderr.write('helm is missing: the tests of the chart were left out\n');
}

/** `describe` where the chart can be rendered. */
export const describeWithHelm = helm === null ? describe.skip : describe;

/** Names of the sets of values in helm/ci, without their ending. */
export const variants = readdirSync(`${chart}/ci`).map((file) => file.replace(/-values\.yaml$/, ''));

/** What the chart is rendered with. */
export interface Values {
  /** One of {@link variants}. */
  readonly variant?: string;
  /** Single values by their paths, as `--set` takes them. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Another folder than that of the chart. */
  readonly folder?: string;
}

/** Every object of the chart, as the release `raftdb` in the namespace `data`. @throws where the chart refuses the values. */
export function render(values: Values = {}): Manifest[] {
  const documents = parseAllDocuments(run(values, []));
  const objects = documents.map((document) => {
    if (document.errors.length > 0) {
      throw document.errors[0] ?? new Error('the chart gives no YAML');
    }
    return document.toJS() as Manifest | null;
  });
  return objects.filter((object) => object !== null);
}

/** Whether the program shows what is printed after an installation; the stand-in does, helm itself only installs. */
export const rendersNotes =
  helm !== null && spawnSync(helm, ['template', 'raftdb', chart, '--notes'], { stdio: 'ignore' }).status === 0;

/** What is printed after an installation. */
export function renderNotes(values: Values = {}): string {
  return run(values, ['--notes']);
}

/** What the chart says to values that it does not take. @throws where it takes them. */
export function refusal(set: NonNullable<Values['set']>, folder = chart): string {
  try {
    run({ set, folder }, []);
  } catch (error) {
    return String((error as { stderr: unknown }).stderr);
  }
  throw new Error(`the chart takes ${JSON.stringify(set)}`);
}

function run({ variant, set = {}, folder = chart }: Values, extra: readonly string[]): string {
  const files = variant === undefined ? [] : ['--values', `${chart}/ci/${variant}-values.yaml`];
  const single = Object.entries(set).flatMap(([path, value]) => ['--set', `${path}=${value}`]);
  const args = ['template', 'raftdb', folder, '--namespace', 'data', ...files, ...single, ...extra];
  return execFileSync(helm ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function usable(program: string): string | null {
  const { error } = spawnSync(program, ['template', 'raftdb', chart], { stdio: 'ignore' });
  return error === undefined ? program : null;
}

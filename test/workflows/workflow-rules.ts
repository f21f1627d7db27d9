import { parse } from 'yaml';
import { z } from 'zod';

const permissions = z.union([z.string(), z.record(z.string(), z.string())]);
const step = z.looseObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.unknown()).optional(),
});
const job = z.looseObject({
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  'runs-on': z.string(),
  'timeout-minutes': z.number().optional(),
  permissions: permissions.optional(),
  steps: z.array(step),
});
const workflow = z.looseObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions,
  jobs: z.record(z.string(), job),
});

export type Workflow = z.infer<typeof workflow>;
type Job = z.infer<typeof job>;
type Step = z.infer<typeof step>;

/** A commit of an action, and in the comment behind it the release that it is. */
const pinnedAction = /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

/** What others write and a shell would run. */
const untrusted = /\$\{\{\s*(?:github\.(?:event|head_ref|ref_name|actor)|steps\.|inputs\.)/;

/** @throws ZodError where the text is no workflow that says its permissions. */
export function readWorkflow(text: string): Workflow {
  return workflow.parse(parse(text));
}

/**
 * What is wrong with a workflow, in words; empty where nothing is.
 *
 * @param scripts - Names of the npm scripts there are.
 */
export function workflowFindings(text: string, scripts: readonly string[]): string[] {
  const { on, jobs, permissions: all } = readWorkflow(text);
  return [
    ...('pull_request_target' in on || 'workflow_run' in on ? ['strangers would run with rights'] : []),
    ...(isModest(all) ? [] : ['the rights of all jobs are not few']),
    ...text
      .split('\n')
      .filter((line) => /^\s*(?:- )?uses:/.test(line) && !pinnedAction.test(line))
      .map((line) => `not pinned to a commit and its release: ${line.trim()}`),
    ...Object.entries(jobs).flatMap(([name, each]) => [
      ...jobFindings(each, Object.keys(jobs)),
      ...each.steps.flatMap((one) => stepFindings(one, scripts)).map((finding) => `${name}: ${finding}`),
    ]),
  ];
}

function isModest(all: z.infer<typeof permissions>): boolean {
  return typeof all !== 'string' && Object.entries(all).every(([, right]) => right === 'read' || right === 'none');
}

function jobFindings(each: Job, names: readonly string[]): string[] {
  const needs = [each.needs ?? []].flat();
  return [
    ...(each['timeout-minutes'] === undefined ? ['a job may run for hours'] : []),
    ...(each['runs-on'].includes('latest') ? ['the machine of a job changes by itself'] : []),
    ...(typeof each.permissions === 'string' ? ['a job has all rights'] : []),
    ...needs.filter((need) => !names.includes(need)).map((need) => `a job needs ${need}, which is none`),
  ];
}

function stepFindings({ uses, run, with: given }: Step, scripts: readonly string[]): string[] {
  const isCheckout = uses?.startsWith('actions/checkout@') === true;
  return [
    ...((uses === undefined) === (run === undefined) ? ['a step has either uses or run'] : []),
    ...(isCheckout && given?.['persist-credentials'] !== false
      ? ['a checkout leaves its credentials to the steps behind it']
      : []),
    ...commandFindings(run ?? '', scripts),
  ];
}

function commandFindings(command: string, scripts: readonly string[]): string[] {
  const named = [...command.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
  return [
    ...(untrusted.test(command) ? ['a shell would run what others wrote: hand it over by a variable'] : []),
    ...(command.includes('${{ secrets.') ? ['a secret stands in a command'] : []),
    ...named.filter((script) => !scripts.includes(script)).map((script) => `npm run ${script} is no script`),
  ];
}

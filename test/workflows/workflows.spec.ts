import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { stagesOf } from '../image/dockerfile.js';
import { readWorkflow, workflowFindings } from './workflow-rules.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const scriptNames = Object.keys(scripts);
const folder = '.github/workflows';
const release = read(`${folder}/release.yml`);
const { jobs, on } = readWorkflow(release);

describe('the workflows', () => {
  it.each(readdirSync(join(root, folder)))('%s keeps every rule', (file) => {
    expect(workflowFindings(read(`${folder}/${file}`), scriptNames)).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ['run for strangers', 'on:\n', 'on:\n  pull_request_target:\n', /strangers/],
    ['have all rights', 'permissions: {}', 'permissions:\n  contents: write', /not few/],
    [
      'take what a tag leads to',
      /uses: docker\/login-action@.*/.exec(release)?.[0] ?? '',
      'uses: docker/login-action@v3',
      /not pinned/,
    ],
    ['run for hours', '    timeout-minutes: 15\n', '', /hours/],
    ['run anywhere', 'ubuntu-24.04', 'ubuntu-latest', /changes by itself/],
    ['need a job that is not there', 'needs: verify', 'needs: tests', /needs tests/],
    ['name a script that is not there', 'npm run verify', 'npm run verifies', /verifies is no script/],
    ['keep credentials', 'persist-credentials: false', 'fetch-depth: 0', /credentials/],
    ['have a step that does nothing', '- run: npm ci', '- name: nothing', /uses or run/],
    ['hand a secret to a shell', 'gh release create', 'echo ${{ secrets.GITHUB_TOKEN }}', /secret/],
    ['run what others wrote', '"$GITHUB_REF_NAME" --verify-tag', '"${{ github.ref_name }}"', /others wrote/],
  ])('would break a rule if they were to %s', (_what, before, after, finding) => {
    const changed = release.replace(before, after);
    expect(changed).not.toBe(release);
    expect(workflowFindings(changed, scriptNames)).toEqual(expect.arrayContaining([expect.stringMatching(finding)]));
  });
});

describe('the release', () => {
  const step = (job: string, action: string) => jobs[job]?.steps.find(({ uses }) => uses?.startsWith(`${action}@`));

  it('comes from a tag alone, and nothing is published before the tests have passed', () => {
    expect(on).toEqual({ push: { tags: [expect.stringMatching(/^v/)] } });
    expect(jobs.image?.needs).toBe('verify');
    expect(jobs.chart?.needs).toBe('image');
    expect(jobs.publish?.needs).toEqual(['image', 'chart']);
  });

  it('gives each job the rights that it uses', () => {
    const publishing = { contents: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' };
    expect(Object.fromEntries(Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]))).toEqual({
      verify: { contents: 'read' },
      image: publishing,
      chart: publishing,
      publish: { contents: 'write' },
    });
  });

  it('hands secrets to nobody but the registry and the release', () => {
    const holders = Object.entries(jobs).flatMap(([name, { steps }]) =>
      steps
        .filter((each) => JSON.stringify(each).includes('secrets.'))
        .map(({ uses, run }) => `${name}: ${uses?.replace(/@.*/, '') ?? run?.split(' ').slice(0, 3).join(' ') ?? ''}`),
    );
    expect(holders).toEqual(['image: docker/login-action', 'chart: docker/login-action', 'publish: gh release create']);
  });

  it('makes an image for two platforms with its list and its provenance, under no tag that moves', () => {
    const build = step('image', 'docker/build-push-action')?.with;
    expect(build).toMatchObject({
      platforms: 'linux/amd64,linux/arm64',
      push: true,
      sbom: true,
      provenance: 'mode=max',
    });
    const given = String(build?.['build-args']).match(/^\w+(?==)/gm);
    const taken = stagesOf(read('Dockerfile')).flatMap(({ instructions }) =>
      instructions
        .filter((each) => each.getKeyword() === 'ARG')
        .map((each) => each.getArgumentsContent()?.split('=')[0]),
    );
    expect(given).toEqual(taken);
    expect(step('image', 'docker/metadata-action')?.with).toMatchObject({ flavor: 'latest=false' });
    expect(step('image', 'actions/attest-build-provenance')).toBeDefined();
    expect(step('chart', 'actions/attest-build-provenance')).toBeDefined();
  });

  it('packages the folder of the chart', () => {
    const commands = jobs.chart?.steps.flatMap(({ run }) => run ?? []).join('\n') ?? '';
    const [, chart = ''] = /helm package (\S+)/.exec(commands) ?? [];
    expect(existsSync(join(root, chart))).toBe(true);
    expect(commands).toContain('helm push');
  });
});

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chart, describeWithHelm, refusal, render } from './helm.js';
import { one } from './manifests.js';

const lookup = '(lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-members" $name))';
let folder: string;

/** A copy of the chart in which the look-up at Kubernetes finds what an installation of `members` has left there. */
function chartBeside(members: number): string {
  const copy = join(folder, String(members));
  cpSync(chart, copy, { recursive: true });
  const file = join(copy, 'templates', '_checks.tpl');
  const text = readFileSync(file, 'utf8');
  expect(text.split(lookup)).toHaveLength(2);
  writeFileSync(file, text.replace(lookup, `(dict "data" (dict "members" "${members}"))`));
  return copy;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftdb-chart-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** No helm that only renders looks anything up: what a look-up would find is put in its place. */
describeWithHelm('scaling down', () => {
  it.each([
    [3, 1],
    [5, 1],
    [7, 3],
  ])('from %i members to %i nodes at once is refused, and the way is told', (members, replicaCount) => {
    const text = refusal({ replicaCount }, chartBeside(members));
    expect(text).toContain(`replicaCount is ${replicaCount} and the cluster has ${members} members`);
    expect(text).toContain(`Set memberCount: ${replicaCount} first and leave replicaCount`);
  });

  it('to exactly half of the members is refused too', () => {
    const set = { replicaCount: 2, allowEvenReplicas: true };
    expect(refusal(set, chartBeside(4))).toContain('the nodes that stay would have no majority');
  });

  it.each([
    [5, 3],
    [3, 3],
    [3, 5],
    [1, 1],
  ])('from %i members to %i nodes is taken', (members, replicas) => {
    const objects = render({ set: { replicaCount: replicas }, folder: chartBeside(members) });
    expect(one(objects, 'StatefulSet').spec.replicas).toBe(replicas);
  });

  it('first the members, then the nodes, is taken', () => {
    const few = render({ set: { replicaCount: 5, memberCount: 1 }, folder: chartBeside(5) });
    expect(one(few, 'ConfigMap', 'raftdb-members').data.members).toBe('1');
    expect(one(render({ set: { replicaCount: 1 }, folder: chartBeside(1) }), 'StatefulSet').spec.replicas).toBe(1);
  });

  it('is not looked at where nothing can be looked up', () => {
    expect(one(render({ set: { replicaCount: 1 } }), 'StatefulSet').spec.replicas).toBe(1);
  });
});

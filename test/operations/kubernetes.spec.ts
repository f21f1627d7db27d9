import { expect, it } from '@jest/globals';
import { describeWithHelm, render } from '../helm/helm.js';
import { one } from '../helm/manifests.js';
import type { Container, Manifest } from '../helm/manifests.js';
import { blocks, programOf } from './page.js';

const section = 'On Kubernetes';
const lines = blocks.filter((block) => block.section === section).flatMap((block) => block.lines);
const upgrades = lines.filter((line) => /^helm (install|upgrade) raftdb \.\/helm --namespace data( |$)/.test(line));

/** What the values of all `--set` up to a line give: `--reuse-values` keeps those of the lines before. */
function valuesUpTo(place: number): Record<string, string> {
  const given = upgrades.slice(0, place + 1).flatMap((line) => [...line.matchAll(/--set ([^= ]+)=(\S+)/g)]);
  return Object.fromEntries(given.map(([, path = '', value = '']) => [path, value]));
}

const nodes = (objects: readonly Manifest[]): Container => one(objects, 'StatefulSet').spec.template.spec.containers[0];

/** Lines that make the volumes larger, but for the last one, which is of helm. */
const enlarging = lines.filter((line) => / (patch persistentvolumeclaim|delete statefulset) /.test(line));

describeWithHelm('the section about Kubernetes of docs/operations.md', () => {
  it('has lines of helm that the chart takes, and they say how many nodes and members there are', () => {
    const seen = upgrades.map((line, place) => {
      const unknown = line.match(/ --(?!namespace data|create-namespace|reuse-values|set )\S+/g);
      const objects = render({ set: valuesUpTo(place) });
      const { data } = one(objects, 'ConfigMap', 'raftdb-members');
      return [unknown, one(objects, 'StatefulSet').spec.replicas, data.members];
    });
    expect(seen).toEqual([
      [null, 3, '3'],
      [null, 5, '5'],
      [null, 3, '3'],
      [null, 3, '1'],
      [null, 1, '1'],
      [null, 1, '1'],
      [null, 1, '1'],
      [null, 1, '1'],
    ]);
  });

  it('ends with another image, the alerts and the dashboard', () => {
    const objects = render({ set: valuesUpTo(upgrades.length - 1) });
    expect(nodes(objects).image).toMatch(/:0\.1\.0$/);
    const made = ['ServiceMonitor', 'PrometheusRule'].filter((kind) => objects.some((each) => each.kind === kind));
    expect(made).toEqual(['ServiceMonitor', 'PrometheusRule']);
    expect(one(objects, 'ConfigMap', 'raftdb-dashboard')).toBeDefined();
  });

  it('makes room for a pod under the addresses that the pod has', () => {
    const [room = ''] = lines.filter((line) => line.startsWith('curl '));
    const [, body = ''] = /^curl -fsS -X POST localhost:8091\/join -d '(.*)'$/.exec(room) ?? [];
    const objects = render();
    const [httpAddr, raftAddr] = ['haddr', 'raddr'].map((flag) =>
      nodes(objects)
        .args.find((arg) => arg.startsWith(`--${flag}=`))
        ?.slice(`--${flag}=`.length)
        .replace('$(POD_NAME)', 'raftdb-0'),
    );
    expect(JSON.parse(body)).toEqual({ id: 'raftdb-0', replace: true, httpAddr, raftAddr });
  });

  it('enlarges the volumes that there are, as the chart then makes them', () => {
    const place = lines.indexOf(enlarging.at(-1) ?? '') + 1;
    const objects = render({ set: valuesUpTo(upgrades.indexOf(lines[place] ?? '')) });
    const { metadata, spec } = one(render(), 'StatefulSet');
    const [claim] = one(objects, 'StatefulSet').spec.volumeClaimTemplates ?? [];
    const patch = JSON.stringify({ spec: { resources: (claim?.spec as { resources: unknown }).resources } });
    const kubectl = `kubectl --namespace ${metadata.namespace ?? ''}`;
    expect(enlarging.map((line) => line.replaceAll(/(?<=[:,]) /g, ''))).toEqual([
      ...Array.from({ length: spec.replicas }, (_, ordinal) => {
        const name = `${claim?.metadata.name ?? ''}-${metadata.name}-${ordinal}`;
        return `${kubectl} patch persistentvolumeclaim ${name} --patch '${patch}'`;
      }),
      `${kubectl} delete statefulset ${metadata.name} --cascade=orphan`,
    ]);
  });

  it('has lines of kubectl for pods and ports that there are', () => {
    const objects = render();
    const { metadata, spec } = one(objects, 'StatefulSet');
    const pods = Array.from({ length: spec.replicas }, (_, ordinal) => `${metadata.name}-${ordinal}`);
    const kubectl = lines.filter((line) => programOf(line) === 'kubectl' && !enlarging.includes(line));
    expect(kubectl.length).toBeGreaterThan(1);
    for (const line of kubectl) {
      const [, namespace, pod] = /^kubectl --namespace (\S+) (?:exec |port-forward pod\/)(\S+)/.exec(line) ?? [];
      expect([line, namespace, pods.includes(pod ?? '')]).toEqual([line, metadata.namespace, true]);
    }
    expect(nodes(objects).ports?.map(({ containerPort }) => containerPort)).toContain(8091);
  });
});

it('every line of the section about Kubernetes is one that is looked at', () => {
  const others = lines.filter((line) => !upgrades.includes(line) && !/^(kubectl|curl) /.test(line));
  // What its pod does is run by test/helm/pods.spec.ts.
  expect(others).toEqual(['helm --namespace data test raftdb']);
});

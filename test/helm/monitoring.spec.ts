import { expect, it } from '@jest/globals';
import { Metrics } from '../../src/metrics/metrics.js';
import { describeWithHelm, render } from './helm.js';
import { all, one, selects } from './manifests.js';
import type { Manifest } from './manifests.js';

interface Described {
  readonly name: string;
  readonly type: unknown;
  readonly labelNames?: readonly string[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number };
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

/** Labels that Prometheus gives to what it fetches, and `le` of a histogram. */
const givenLabels = ['namespace', 'job', 'pod', 'le'];

/** Every series of a node by its name, with its labels. */
const series = new Map(
  (new Metrics().registry.getMetricsAsArray() as unknown as readonly Described[]).flatMap(
    ({ name, type, labelNames = [] }) =>
      (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) => [`${name}${end}`, labelNames]),
  ),
);

/** Series that an expression names, and the labels that it asks for or groups by. */
function namesIn(expression: string): { readonly metrics: string[]; readonly labels: string[] } {
  const metrics = expression.match(/\b(?:raftdb|nodejs|process)_\w+/g) ?? [];
  const asked = [...expression.matchAll(/(\w+)=~?"/g)].map(([, label]) => label ?? '');
  const grouped = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) => (list ?? '').split(', '));
  return { metrics, labels: [...asked, ...grouped] };
}

function monitoring(): Manifest[] {
  return render({ variant: 'monitoring' });
}

function dashboard(): Dashboard {
  const { data } = one(monitoring(), 'ConfigMap', 'raftdb-dashboard');
  return JSON.parse(data['raftdb.json'] ?? '') as Dashboard;
}

function check(expression: string, shown: string): void {
  const { metrics, labels } = namesIn(expression);
  expect([expression, metrics.length > 0]).toEqual([expression, true]);
  const known = metrics.flatMap((name) => series.get(name) ?? []);
  const inText = [...shown.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g)].map(([, label]) => label ?? '');
  expect([...series.keys()]).toEqual(expect.arrayContaining(metrics));
  expect([...known, ...givenLabels]).toEqual(expect.arrayContaining([...labels, ...inText]));
}

describeWithHelm('what watches the nodes', () => {
  it('finds them all once, ready or not', () => {
    const objects = monitoring();
    const { selector, endpoints } = one(objects, 'ServiceMonitor').spec;
    const found = all(objects, 'Service').filter(({ metadata }) => selects(selector.matchLabels, metadata.labels));
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['raftdb-peers']);
    expect(found[0]?.spec.ports.map(({ name }) => name)).toContain(endpoints[0]?.port);
    expect(endpoints[0]?.path).toBe('/metrics');
  });

  it('has alerts that use series and labels that there are', () => {
    const rules = one(monitoring(), 'PrometheusRule').spec.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule.expr).toContain('namespace="data", job="raftdb"');
      check(rule.expr, JSON.stringify(rule).replace(/\{\{ \$value \}\}/g, ''));
    }
  });

  it('has a dashboard whose panels use series and labels that there are, two in a row', () => {
    const { panels, templating } = dashboard();
    expect(panels.length).toBeGreaterThan(10);
    for (const { targets } of panels) {
      targets.forEach(({ expr, legendFormat }) => {
        expect(expr).toContain('namespace="$namespace", job="$job"');
        check(expr, legendFormat);
      });
    }
    expect(new Set(panels.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)).size).toBe(panels.length);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'job']);
  });

  it('is not there unless it is asked for', () => {
    const kinds = render().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(kinds.filter((name) => /Monitor|PrometheusRule|dashboard/.test(name))).toEqual([]);
  });
});

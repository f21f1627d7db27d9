import { format, resolveConfig } from 'prettier';
import { Metrics } from '../src/metrics/metrics.js';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly labelNames?: readonly string[];
}

/** The text of docs/metrics.md, made from the instruments of a node. */
export async function metricsPage(): Promise<string> {
  const { registry } = new Metrics();
  const all = registry.getMetricsAsArray() as unknown as readonly Described[];
  const own = all.filter(({ name }) => name.startsWith('raftdb_'));
  const text = [
    '# Metrics',
    '',
    '<!-- Made from src/metrics/metrics.ts by `npm run docs:make`; change it there. -->',
    '',
    '`GET /metrics` shows them in the text format of Prometheus, on every node and without a leader. Times are seconds, sizes',
    'bytes. What only the leader knows is absent elsewhere, and so is what nobody knows.',
    '',
    '| metric | type | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...own.map(
      ({ name, type, help, labelNames = [] }) =>
        `| \`${name}\` | ${String(type)} | ${labelNames.join(', ')} | ${help} |`,
    ),
    '',
    'Beside them are those of the process and of Node.js that the library prom-client collects, among them',
    '`nodejs_eventloop_lag_p99_seconds`, `process_resident_memory_bytes` and `nodejs_gc_duration_seconds`.',
    '',
    'Outcomes are `ok` or the code of the error in small letters. Refused is what certainly was not carried out:',
    '`outcome_unknown` and `timeout` are not among the reasons.',
    '',
  ].join('\n');
  return format(text, { ...(await resolveConfig(import.meta.url)), parser: 'markdown' });
}

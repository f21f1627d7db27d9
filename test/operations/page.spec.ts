import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadSettings } from '../../src/config/load-settings.js';
import { settingTable } from '../../src/config/settings.js';
import { blocks, notRunHere, page, programOf, sections, tableRows, turnsOf } from './page.js';

interface Rule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly description: string };
}

const rules = parse(readFileSync('helm/files/alerts.yaml', 'utf8')) as readonly Rule[];
const lines = blocks.filter(({ language }) => language === 'sh').flatMap(turnsOf);

it('docs/operations.md has a section for each thing that is to be done, in this order', () => {
  expect(sections).toEqual([
    'Install',
    'Size',
    'Upgrade',
    'Scale',
    'Back up',
    'Restore',
    'Replace a node',
    'Lose the quorum',
    'Read the alerts',
    'When a disk fails or lies',
    'When space runs out',
    'On Kubernetes',
  ]);
});

it('docs/operations.md has a row for each alert of the chart, and for no other', () => {
  const rows = tableRows('alert').map(([name = '', severity = '']) => `${name} ${severity}`);
  expect(rows).toEqual(rules.map(({ alert, labels }) => `\`${alert}\` ${labels.severity}`));
});

it('links within docs/operations.md, and the alerts, name sections that there are', () => {
  const anchors = sections.map((heading) => heading.toLowerCase().replaceAll(' ', '-'));
  const linked = [...page.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(linked.length).toBeGreaterThan(15);
  expect(linked.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  const texts = rules.map(({ annotations }) => annotations.description);
  const named = texts.flatMap((text) =>
    [...text.matchAll(/"([^"]+)" in docs\/operations\.md/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !sections.includes(name ?? ''))).toEqual([]);
});

it('docs/operations.md names settings that there are', () => {
  const known = settingTable.flatMap(({ flag }) => (flag === null ? [] : [flag.slice(2)]));
  const long = known.filter((name) => name.includes('-'));
  const named = [...page.matchAll(/`-{0,2}([a-z]+(?:-[a-z]+)+)`/g)].map(([, name = '']) => name);
  const others = ['bump-revision', 'min-revision', 'raftdb-stale'];
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => !long.includes(name) && !others.includes(name))).toEqual([]);
});

it('every block of docs/operations.md is one of commands or a file, and each program is run or has a reason', () => {
  expect(blocks.map(({ language }) => language).filter((language) => !['sh', 'ini'].includes(language))).toEqual([]);
  const programs = new Set(lines.flatMap((turn) => turn.lines.map(programOf)));
  const run = ['for', 'curl', 'raftd', 'mv', 'scp'];
  expect([...programs].sort()).toEqual([...run, ...notRunHere.keys()].sort());
});

it('commands at a machine name that machine, and where one is named something is typed', () => {
  const headers = blocks.flatMap((block) => block.lines.filter((line) => line.startsWith('#')));
  expect(headers.filter((line) => !/^# on host-\d\d(, (with raftd stopped|a new machine))?$/.test(line))).toEqual([]);
  expect(lines.filter(({ host }) => host !== null)).toHaveLength(headers.length);
  const nodes = lines.flatMap(({ host, lines: typed }) =>
    typed.filter((line) => /^raftd (-|restore)/.test(line)).map((line) => ({ host, line })),
  );
  expect(nodes.filter(({ host, line }) => !line.includes(`-haddr ${host ?? '?'}:8091`))).toEqual([]);
});

it('the service of docs/operations.md runs the node, and gives it more time to stop than it takes', () => {
  const unit = blocks.filter(({ language }) => language === 'ini').flatMap((block) => block.lines);
  const value = (key: string): string => unit.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  const [program, ...words] = value('ExecStart').split(' ');
  const line = loadSettings(words, {});
  expect([program, line.kind]).toEqual(['/usr/local/bin/raftd', 'run']);
  const { shutdownTimeoutMs = Infinity, dataDir = '' } = line.kind === 'run' ? line.settings : {};
  expect(Number(value('TimeoutStopSec')) * 1000).toBeGreaterThan(shutdownTimeoutMs);
  expect(dataDir).toBe(`/var/lib/${value('StateDirectory')}`);
});

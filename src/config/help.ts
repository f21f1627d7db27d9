import { revisionBump } from '../lib/revision-bump.js';
import { acceptedValues, describeDefault } from './setting-value.js';
import { settingTable } from './settings.js';
import type { Setting } from './settings.js';

const WIDTH = 90;
const INDENT = ' '.repeat(6);

/** The page that `--help` prints, at most 90 columns wide. */
export function helpPage(): string {
  const groups = [...new Set(settingTable.map((setting) => setting.group))];
  return [
    'Usage: raftd [flags] DATA_DIR',
    '       raftd restore FILE [--bump-revision N] [flags] DATA_DIR',
    '       raftd recover --keep NAME=HOST:PORT,... [flags] DATA_DIR',
    '',
    'Runs one node of a raftdb cluster. Flags take one dash or two, "-id x" or "-id=x".',
    'A flag wins over its environment variable, the variable over the default.',
    '',
    '  raftd -id node01 -haddr host-01:8091 -raddr host-01:8089 ~/.raftdb',
    '  raftd -id node02 -haddr host-02:8091 -raddr host-02:8089 -join host-01:8091 ~/.raftdb',
    '',
    'With restore it makes the data of the first node of a new cluster from a backup, and ends.',
    `Start the node with the same flags then; the revision goes up by N (default ${revisionBump}).`,
    '',
    'With recover it makes a stopped member of a cluster whose majority is lost for good the',
    'only voter of a new epoch of that cluster, and ends; others join it with empty disks.',
    'GET /cluster/recovery of each survivor says which one to choose.',
    '',
    ...groups.flatMap((group) => [
      `${group}:`,
      '',
      ...settingTable.filter((setting) => setting.group === group).flatMap(entry),
    ]),
    'Other:',
    '',
    '  --help, -h',
    `${INDENT}Prints this page.`,
    '',
    '  --version',
    `${INDENT}Prints the version.`,
    '',
  ].join('\n');
}

function entry(setting: Setting): string[] {
  const name = `  ${nameOf(setting)}`;
  return [
    name.length < 44 ? `${name.padEnd(44)}${setting.env}` : `${name} ${setting.env}`,
    ...wrap(setting.help),
    ...wrap(`Takes ${acceptedValues(setting)}.`),
    ...wrap(`Default: ${describeDefault(setting)}.`),
    '',
  ];
}

const textPlaceholders = {
  postgresUrl: 'URL',
  secret: 'TEXT',
  secretFile: 'FILE',
  file: 'FILE',
  schema: 'NAME',
} as const;

/** A secret has its variable alone. */
function nameOf(setting: Setting): string {
  if (setting.flag === null) {
    return setting.kind === 'directory' ? 'DATA_DIR' : '(variable only)';
  }
  return `${setting.flag} ${placeholder(setting)}`.trimEnd();
}

function placeholder(setting: Setting): string {
  switch (setting.kind) {
    case 'id':
      return 'NAME';
    case 'address':
      return 'HOST:PORT';
    case 'bind':
      return 'HOST[:PORT]';
    case 'addresses':
      return 'HOST:PORT,...';
    case 'directory':
      return 'DATA_DIR';
    case 'text':
      return textPlaceholders[setting.form];
    case 'choice':
      return setting.choices.join('|');
    case 'integer':
      return 'N';
    case 'flag':
      return '';
  }
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && INDENT.length + line.length + 1 + word.length > WIDTH) {
      lines.push(INDENT + line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, INDENT + line];
}

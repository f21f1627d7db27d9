import { acceptedValues, describeDefault } from '../src/config/setting-value.js';
import { settingRelations } from '../src/config/setting-relations.js';
import { settingTable } from '../src/config/settings.js';
import type { Setting, SettingName } from '../src/config/settings.js';
import { exitCodes } from '../src/exit-codes.js';

/** Every code with its meaning: a new code needs a line here to compile. */
const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  failure: 'a fault that no other code names',
  dataUnusable: 'the data directory or the Postgres server cannot be used, or another process has the data',
  portInUse: 'a port is in use, or an address is not of this machine',
  dataRefused: 'the data are damaged, of another node, or of a newer program; nothing was changed',
  storageFailed:
    'the disk or the Postgres server failed under the node; whether its last write is stored, its next start finds out',
  refused: 'the cluster refuses this node, or an empty node would have founded a second cluster',
};

const codeNames = Object.keys(exitMeanings) as (keyof typeof exitCodes)[];

/** The text of docs/configuration.md, made from the table of settings. */
export function configurationPage(): string {
  const groups = [...new Set(settingTable.map((setting) => setting.group))];
  return [
    '# Configuration',
    '',
    '<!-- Made from src/config/settings.ts by `npm run docs:make`; change it there. -->',
    '',
    '`raftd [flags] DATA_DIR` runs one node. Flags take one dash or two, `-id x` or `-id=x`. A flag wins over its',
    'environment variable, the variable over the default. Numbers are plain integers. A wrong value, a flag or a',
    '`RAFTDB_` variable that is not in these tables, and a flag that is given twice end the program with exit code 2 and',
    'one line that says what would be right. (Variables that Kubernetes sets for a Service whose name begins with raftdb',
    'are left alone.)',
    '',
    ...groups.flatMap((group) => section(group)),
    '## What must fit together',
    '',
    ...settingRelations.map(
      ({ larger, bound, times, smaller, reason }) =>
        `- ${flagOf(larger)} is ${bound === 'above' ? 'more than' : 'at least'} ${times === 1 ? '' : `${times} times `}${flagOf(smaller)}: ${reason}.`,
    ),
    '- `--haddr` and `--raddr` are two addresses.',
    '',
    '## Exit codes',
    '',
    'The last line that the program writes says why it ended.',
    '',
    ...[
      '- 0: it was told to stop, or answered `--help` or `--version`.',
      '- 2: the command line or a variable is wrong.',
      ...codeNames.map((name) => `- ${exitCodes[name]}: ${exitMeanings[name]}.`),
    ].sort(),
    '',
  ].join('\n');
}

function section(group: string): string[] {
  return [
    `## ${group}`,
    '',
    ...settingTable
      .filter((setting) => setting.group === group)
      .flatMap((setting) => [
        `### ${heading(setting)}`,
        '',
        `Variable \`${setting.env}\`. Takes ${acceptedValues(setting)}. Default: ${describeDefault(setting)}.`,
        '',
        setting.help,
        '',
      ]),
  ];
}

function heading(setting: Setting): string {
  if (setting.kind === 'directory') {
    return 'Data directory (the positional argument)';
  }
  return setting.flag === null ? `\`${setting.env}\` (a variable only)` : `\`${setting.flag}\``;
}

function flagOf(name: SettingName): string {
  return `\`${settingTable.find((setting) => setting.name === name)?.flag ?? name}\``;
}

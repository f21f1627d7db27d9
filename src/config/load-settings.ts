import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { nearest } from './nearest.js';
import { checkSettingRelations } from './setting-relations.js';
import { checkStorageSettings, withStorageDefaults } from './storage-settings.js';
import { acceptedValues, parseSettingValue } from './setting-value.js';
import type { SettingValue } from './setting-value.js';
import { SettingsError } from './settings.errors.js';
import { isSecret, settingTable } from './settings.js';
import type { Setting, SettingName, Settings } from './settings.js';

/** What a command line asks for. */
export type CommandLine =
  { readonly kind: 'run'; readonly settings: Settings } | { readonly kind: 'help' } | { readonly kind: 'version' };

/** A text that was given for a setting, and where: a flag, a variable, `data directory`. */
interface Given {
  readonly source: string;
  readonly text: string;
}

/** Variables that belong to the tests of this program. */
const TEST_VARIABLE = /^RAFTDB_(?:TEST_.*|VECTORS)$/;

/** Variables that Kubernetes sets in every pod beside a Service whose name begins with raftdb. */
const SERVICE_LINK = /^RAFTDB_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const SERVICE_LINK_URL = /^(?:tcp|udp|sctp):\/\//;

/**
 * Reads flags and environment; a flag wins over a variable, a variable over the default.
 *
 * @param args - The arguments behind the program's name. `-x` and `--x`, `-x value` and `-x=value` are the same.
 * @param env - Variables that begin with `RAFTDB_` and name no setting are errors, except those of tests and of
 * Kubernetes.
 * @throws SettingsError with one line that names the setting and what it accepts.
 */
export function loadSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): CommandLine {
  const line = readArguments(args);
  if (line.kind !== 'run') {
    return line;
  }
  const given = new Map([...readVariables(env), ...line.given]);
  const read = Object.fromEntries(
    settingTable.map((setting) => [setting.name, valueOf(setting, given.get(setting.name))]),
  ) as unknown as Settings;
  const settings = withStorageDefaults(read);
  checkSettingRelations(settings);
  checkStorageSettings(settings, given.get('postgresUrl')?.source ?? null);
  return { kind: 'run', settings };
}

function valueOf(setting: Setting, given: Given | undefined): SettingValue {
  if (given !== undefined) {
    const value = parseSettingValue(setting, given.text);
    if (value === undefined) {
      throw new SettingsError(`${given.source} takes ${acceptedValues(setting)}${notWhatWasGiven(setting, given)}`);
    }
    return value;
  }
  if (setting.kind !== 'id') {
    return setting.default;
  }
  const name = parseSettingValue(setting, hostname());
  if (name === undefined) {
    throw new SettingsError(
      `--id takes ${acceptedValues(setting)}; the host name ${quote(hostname())} is none, so give one`,
    );
  }
  return name;
}

/** Secrets are not repeated, and a URL may hold one. */
function notWhatWasGiven(setting: Setting, { text }: Given): string {
  const mayHoldSecret = isSecret(setting) || (setting.kind === 'text' && setting.form === 'postgresUrl');
  return mayHoldSecret ? '' : `, not ${quote(text)}`;
}

type Arguments =
  | { readonly kind: 'run'; readonly given: ReadonlyMap<SettingName, Given> }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

function readArguments(args: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: withTwoDashes(args),
    options: {
      ...Object.fromEntries(settingTable.map(parserOption).filter((option) => option !== null)),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
    // The messages of the strict form can have two lines, and it accepts repeated flags.
    strict: false,
    tokens: true,
  });
  const switches = tokens.filter((token) => token.kind === 'option').map((token) => token.name);
  if (switches.includes('help')) {
    return { kind: 'help' };
  }
  if (switches.includes('version')) {
    return { kind: 'version' };
  }
  const given = new Map<SettingName, Given>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') {
      continue;
    }
    const [setting, entry] = token.kind === 'positional' ? [dataDirectory(), positional(token.value)] : option(token);
    if (given.has(setting.name)) {
      throw new SettingsError(`${entry.source} is given twice; it takes ${acceptedValues(setting)}`);
    }
    given.set(setting.name, entry);
  }
  return { kind: 'run', given };
}

function option(token: {
  name: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}): [Setting, Given] {
  const flag = `--${token.name}`;
  const setting = settingTable.find((candidate) => candidate.flag === flag);
  if (setting === undefined) {
    throw new SettingsError(unknown(token.name.length === 1 ? `-${token.name}` : flag, flags));
  }
  if (setting.kind === 'flag') {
    return [setting, { source: flag, text: token.value ?? 'true' }];
  }
  if (token.value === undefined) {
    throw new SettingsError(`${flag} needs a value; it takes ${acceptedValues(setting)}`);
  }
  // Without this, `-id -join x` would name the node `--join`.
  if (token.value.startsWith('-') && token.inlineValue !== true) {
    throw new SettingsError(`${flag} takes ${acceptedValues(setting)}, not ${quote(token.value)}`);
  }
  return [setting, { source: flag, text: token.value }];
}

/** How `parseArgs` is to read the flag of a setting; null where it has none. */
function parserOption({ flag, kind }: Setting): [string, { type: 'string' | 'boolean' }] | null {
  return flag === null ? null : [flag.slice(2), { type: kind === 'flag' ? 'boolean' : 'string' }];
}

function positional(text: string): Given {
  return { source: 'the data directory', text };
}

function readVariables(env: Readonly<Record<string, string | undefined>>): Map<SettingName, Given> {
  const given = new Map<SettingName, Given>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('RAFTDB_') || text === undefined || isOfOthers(name, text)) {
      continue;
    }
    const setting = settingTable.find((candidate) => candidate.env === name);
    if (setting === undefined) {
      throw new SettingsError(unknown(name, variables));
    }
    given.set(setting.name, { source: name, text });
  }
  return given;
}

/** Whether the variable was not meant for this program although its name begins like ours. */
function isOfOthers(name: string, text: string): boolean {
  const isLink = SERVICE_LINK.test(name) || (name.endsWith('_PORT') && SERVICE_LINK_URL.test(text));
  return isLink || TEST_VARIABLE.test(name);
}

const flags = settingTable.map((setting) => setting.flag).filter((flag) => flag !== null);
const variables = settingTable.map((setting) => setting.env);

function dataDirectory(): Setting {
  const setting = settingTable.find((candidate) => candidate.kind === 'directory');
  if (setting === undefined) {
    throw new Error('the table of settings has a data directory');
  }
  return setting;
}

/** `-id` becomes `--id` up to a bare `--`: parseArgs reads it as `-i -d`. */
function withTwoDashes(args: readonly string[]): string[] {
  const terminator = args.indexOf('--');
  const until = terminator === -1 ? args.length : terminator;
  return args.map((arg, index) => (index < until && /^-[A-Za-z][A-Za-z-]/.test(arg) ? `-${arg}` : arg));
}

function unknown(name: string, known: readonly string[]): string {
  const suggestion = nearest(name, known);
  return `${quoteUnlessPlain(name)} is no setting${suggestion === null ? '' : `; did you mean ${suggestion}?`} (raftd --help lists them)`;
}

/** In quotes, on one line and not too long. */
function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}

function quoteUnlessPlain(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : quote(name);
}

import { resolve } from 'node:path';
import { isDialable, parseAddress, parseBind } from '../lib/address.js';
import { isNodeId } from '../lib/node-id.js';
import { withHome } from './home-folder.js';
import type { SettingRow } from './setting-row.js';
import { acceptedTexts, parseText } from './text-value.js';

export type SettingValue = string | number | boolean | null | readonly string[];

const INTEGER = /^(?:0|[1-9]\d{0,15})$/;

/** Reads what was given for a setting; undefined where the setting does not accept it. */
export function parseSettingValue(row: SettingRow, text: string): SettingValue | undefined {
  switch (row.kind) {
    case 'id':
      return textIf(isNodeId(text), text);
    case 'address':
      return textIf(isDialable(text), text);
    case 'bind':
      return textIf(parseBind(text) !== null, text);
    case 'addresses':
      return parseAddresses(text);
    case 'directory':
      return parseDirectory(text);
    case 'text':
      return parseText(row.form, text);
    case 'choice':
      return textIf(row.choices.includes(text), text);
    case 'integer':
      return parseInteger(text, row);
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : undefined;
  }
}

function textIf(isAccepted: boolean, text: string): string | undefined {
  return isAccepted ? text : undefined;
}

/** What a setting accepts, to follow "takes". */
export function acceptedValues(row: SettingRow): string {
  switch (row.kind) {
    case 'id':
      return '1 to 64 letters, digits, ".", "_" or "-"';
    case 'address':
      return 'host:port that others can dial, an IPv6 address in brackets';
    case 'bind':
      return 'host or host:port to listen on, an IPv6 address in brackets';
    case 'addresses':
      return 'one or more host:port, or _service._tcp.name with SRV records, separated by commas';
    case 'directory':
      return 'the path of a folder';
    case 'text':
      return acceptedTexts[row.form];
    case 'choice':
      return `${row.choices.slice(0, -1).join(', ')} or ${row.choices.at(-1) ?? ''}`;
    case 'integer':
      return `an integer from ${amount(row.min, row.unit)} to ${amount(row.max, row.unit)} ${row.unit}`;
    case 'flag':
      return 'true or false, or nothing for true';
  }
}

/** The default as people read it. */
export function describeDefault(row: SettingRow): string {
  switch (row.kind) {
    case 'id':
      return 'the host name';
    case 'bind':
      return 'what the advertised address resolves to';
    case 'addresses':
      return row.default.length === 0 ? 'none' : row.default.join(',');
    case 'directory':
      return 'none, it must be given where data are kept in files';
    case 'text':
      return row.form === 'schema' ? '"raftdb_" and the name of the node' : 'none';
    case 'integer':
      return `${amount(row.default, row.unit)} ${row.unit}`;
    case 'flag':
      return 'off';
    case 'address':
    case 'choice':
      return row.default;
  }
}

function parseAddresses(text: string): readonly string[] | undefined {
  const addresses = text.split(',').map((address) => address.trim());
  return addresses.every((address) => isDialable(address) || isServiceName(address)) ? addresses : undefined;
}

/** `_http._tcp.name`: what SRV records are found under. */
function isServiceName(text: string): boolean {
  return /^_[a-z0-9-]{1,62}\._tcp\.[^.]/i.test(text) && parseAddress(`${text}:1`) !== null;
}

/** The absolute path; whether it can be used is for the storage to say. */
function parseDirectory(text: string): string | undefined {
  return text === '' || text.includes('\0') ? undefined : resolve(withHome(text));
}

/** Plain digits only: "1s", "1e9" and "0x10" are likelier to be mistakes than numbers. */
function parseInteger(text: string, { min, max }: { min: number; max: number }): number | undefined {
  const value = INTEGER.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

/** The plain digits, since they can be pasted, and whole binary multiples beside them. */
function amount(value: number, unit: string): string {
  if (unit !== 'bytes' || value < 1024) {
    return String(value);
  }
  const names = ['KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  let multiple = value / 1024;
  while (multiple % 1024 === 0 && power < names.length - 1) {
    multiple /= 1024;
    power += 1;
  }
  return Number.isInteger(multiple) ? `${value} (${multiple} ${names[power] ?? ''})` : String(value);
}

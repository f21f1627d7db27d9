import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { withHome } from './home-folder.js';
import type { TextForm } from './setting-row.js';

/** Longest name that Postgres keeps, in bytes. */
export const postgresNameBytesMax = 63;

/** What each form accepts, to follow "takes". */
export const acceptedTexts: Readonly<Record<TextForm, string>> = {
  postgresUrl: 'postgres://user@host:port/database, and parameters behind a "?"',
  secret: 'a text that is not empty',
  secretFile: 'the path of a file that can be read and is not empty',
  file: 'the path of a file',
  schema: 'a name of 1 to 63 bytes that does not begin with "pg_"',
};

/** The value of a text; undefined where its form does not accept it. */
export function parseText(form: TextForm, text: string): string | undefined {
  switch (form) {
    case 'postgresUrl':
      return isPostgresUrl(text) ? text : undefined;
    case 'secret':
      return text === '' ? undefined : text;
    case 'secretFile':
      return readSecret(text);
    case 'file':
      return text === '' || text.includes('\0') ? undefined : resolve(withHome(text));
    case 'schema':
      return isSchemaName(text) ? text : undefined;
  }
}

function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text);
}

/** Postgres cuts longer names, and keeps those of its own for itself. */
function isSchemaName(text: string): boolean {
  return (
    text !== '' && !text.startsWith('pg_') && !text.includes('\0') && Buffer.byteLength(text) <= postgresNameBytesMax
  );
}

function readSecret(path: string): string | undefined {
  try {
    const secret = readFileSync(withHome(path), 'utf8').replace(/\r?\n$/, '');
    return secret === '' ? undefined : secret;
  } catch {
    return undefined;
  }
}

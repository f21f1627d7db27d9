import { SettingsError } from './settings.errors.js';
import type { Settings } from './settings.js';
import { postgresNameBytesMax } from './text-value.js';

/** The settings with the schema that belongs to the node, where none was named. */
export function withStorageDefaults(settings: Settings): Settings {
  return { ...settings, postgresSchema: settings.postgresSchema ?? `raftdb_${settings.id}` };
}

/**
 * Whether what says where the data are kept is whole.
 *
 * @param urlSource - Flag or variable that gave the URL.
 * @throws SettingsError
 */
export function checkStorageSettings(settings: Settings, urlSource: string | null): void {
  if (settings.storage === 'sqlite') {
    requireFiles(settings);
  } else {
    requireServer(settings, urlSource);
  }
}

function requireFiles(settings: Settings): void {
  if (settings.dataDir === null) {
    throw new SettingsError('the data directory is missing: name it as the last argument or in RAFTDB_DATA_DIR');
  }
  if (settings.postgresUrl !== null) {
    throw new SettingsError('--postgres-url is given but not used: add --storage postgres, or leave it out');
  }
}

function requireServer(settings: Settings, urlSource: string | null): void {
  const { postgresUrl, postgresPassword, postgresPasswordFile, postgresSchema } = settings;
  if (postgresUrl === null) {
    throw new SettingsError('--storage postgres needs --postgres-url or RAFTDB_POSTGRES_URL');
  }
  const url = new URL(postgresUrl);
  const inUrl = url.password !== '' || url.searchParams.has('password');
  if (inUrl && urlSource?.startsWith('--') === true) {
    throw new SettingsError(
      '--postgres-url holds a password, which every user of this machine could read: use RAFTDB_POSTGRES_URL, RAFTDB_POSTGRES_PASSWORD or --postgres-password-file',
    );
  }
  if ([inUrl, postgresPassword !== null, postgresPasswordFile !== null].filter(Boolean).length > 1) {
    throw new SettingsError('more than one password for Postgres is given: leave it in one place');
  }
  if (postgresSchema !== null && Buffer.byteLength(postgresSchema) > postgresNameBytesMax) {
    throw new SettingsError(`the schema ${postgresSchema} has a name that is too long: give one by --postgres-schema`);
  }
}

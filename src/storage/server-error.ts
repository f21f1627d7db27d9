import { StorageError, corrupt } from './storage.errors.js';
import type { StorageErrorCode } from './storage.errors.js';

/** Codes of Postgres, or how they begin (Appendix A of its manual). What is not named here is a fault of the server. */
const serverClasses: readonly (readonly [StorageErrorCode, readonly string[]])[] = [
  ['FULL', ['53100']],
  ['DISCONNECTED', ['08', '57P', '53200', '53300', '55006', '25006', '57014', '40']],
  ['LOCKED', ['55P03']],
  ['CORRUPT', ['XX001', 'XX002', '23', '42P01', '42703']],
  ['UNUSABLE', ['28', '3D000', '3F000', '42501', '0LP01', '22023', '42704']],
];

/** Codes of Node, where the server or its name is not reached, or the connection breaks. */
const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
];

/** Words by which the drivers tell of a lost connection; they have no code for it. */
const lostConnection =
  /^(?:Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query runner already released|Cannot use a pool after)/;

/** Codes and words of a connection that cannot be made as it was asked for. */
const refusedConnection = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)|does not support SSL|^SASL:/;

const serverAdvice: Partial<Record<StorageErrorCode, string>> = {
  FULL: 'no space is left at the Postgres server; free some',
  DISCONNECTED: 'the Postgres server cannot be reached',
  LOCKED: 'another process holds a lock in the schema of this node; stop it',
  UNUSABLE: 'Postgres refuses this node; look at --postgres-url, the role and its rights',
  IO: 'the Postgres server failed; look at its log, then start the node again',
};

/**
 * The coded form of an error of a database server, or of the way to it.
 *
 * @returns Null where it is neither.
 */
export function serverError(
  { code: nativeCode, message }: { readonly code: string; readonly message: string },
  cause: unknown,
): StorageError | null {
  const code = codeFor(nativeCode, message);
  if (code === null) {
    return null;
  }
  if (code === 'CORRUPT') {
    return corrupt(`${nativeCode}: ${message}`, { cause });
  }
  return new StorageError(code, `${serverAdvice[code] ?? 'the storage failed'} (${message})`, { cause });
}

function codeFor(code: string, message: string): StorageErrorCode | null {
  if (networkCodes.includes(code) || lostConnection.test(message)) {
    return 'DISCONNECTED';
  }
  if (refusedConnection.test(code) || refusedConnection.test(message)) {
    return 'UNUSABLE';
  }
  if (!/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]+$/.test(code)) {
    return null;
  }
  return serverClasses.find(([, prefixes]) => prefixes.some((prefix) => code.startsWith(prefix)))?.[0] ?? 'IO';
}

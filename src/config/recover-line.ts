import { isNodeId } from '../lib/node-id.js';
import { isDialable } from '../lib/address.js';
import { SettingsError } from './settings.errors.js';
import { takeFlag } from './take-flag.js';

/** A member of a cluster after its rescue. */
export interface KeptMember {
  readonly id: string;
  /** `host:port` at which clients and other members reach it. */
  readonly httpAddr: string;
}

/** Who the members are after a rescue. The data are those of the first one, which alone votes. */
export interface RecoverRequest {
  readonly keep: readonly [KeptMember, ...KeptMember[]];
}

const usage = 'raftd recover --keep NAME=HOST:PORT DATA_DIR';

/**
 * Reads `recover --keep NAME=HOST:PORT,... [flags] DATA_DIR`.
 *
 * @returns Who is kept, and the arguments that are those of every start, the name of the first one among them; null
 * where nothing is to be recovered.
 * @throws SettingsError where the members are not named, or one of them twice.
 */
export function readRecover(
  args: readonly string[],
): { readonly request: RecoverRequest; readonly args: readonly string[] } | null {
  const [command, ...flags] = args;
  if (command !== 'recover') {
    return null;
  }
  const { text, rest } = takeFlag(flags, 'keep');
  if (text === null) {
    throw new SettingsError(`recover takes the members that are left: ${usage}`);
  }
  const keep = text.split(',').map(readMember);
  const [first] = keep;
  if (first === undefined || [keep.map(({ id }) => id), keep.map(({ httpAddr }) => httpAddr)].some(hasTwice)) {
    throw new SettingsError('--keep names a member or an address twice');
  }
  const named = takeFlag(rest, 'id').text;
  if (named !== null && named !== first.id) {
    throw new SettingsError(`--keep names ${first.id} first: the data must be its own, not those of ${named}`);
  }
  return { request: { keep: [first, ...keep.slice(1)] }, args: named === null ? ['-id', first.id, ...rest] : rest };
}

function readMember(text: string): KeptMember {
  const [id = '', httpAddr = '', ...more] = text.trim().split('=');
  if (!isNodeId(id) || !isDialable(httpAddr) || more.length > 0) {
    throw new SettingsError('--keep takes NAME=HOST:PORT, several separated by commas, an IPv6 address in brackets');
  }
  return { id, httpAddr };
}

function hasTwice(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length;
}

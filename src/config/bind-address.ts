import { assert } from '../lib/assert.js';
import { parseAddress, parseBind } from '../lib/address.js';
import type { Address } from '../lib/address.js';

/** Where to listen: what `bind` says, and for what it leaves open what the advertised address says. */
export function bindAddress(bind: string | null, advertised: string): Address {
  const dialled = parseAddress(advertised);
  assert(dialled !== null, 'an advertised address was checked with the settings');
  const listened = bind === null ? null : parseBind(bind);
  return { host: listened?.host ?? dialled.host, port: listened?.port ?? dialled.port };
}

import { lookup } from 'node:dns/promises';
import { Logger } from '@nestjs/common';
import type { Settings } from './config/settings.js';
import { parseAddress } from './lib/address.js';

/** Warns where other machines are to reach this node under a name that means each machine itself. */
export async function warnOfLoopback(settings: Settings): Promise<void> {
  const own = await Promise.all([settings.haddr, settings.raddr].map(isLoopback));
  const targets = await Promise.all(settings.join.map(isLoopback));
  if (own.includes(true) && targets.includes(false)) {
    new Logger('Node').warn(
      'this node advertises a loopback address, but joins members elsewhere: they cannot reach it; set -haddr and -raddr',
    );
  }
}

/** Null where the name does not resolve now. */
async function isLoopback(address: string): Promise<boolean | null> {
  const host = parseAddress(address)?.host;
  if (host === undefined) {
    return null;
  }
  try {
    const { address: ip } = await lookup(host);
    return ip === '::1' || ip.startsWith('127.');
  } catch {
    return null;
  }
}

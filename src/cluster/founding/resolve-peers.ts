import { lookup, resolveSrv } from 'node:dns/promises';
import { formatAddress, parseAddress } from '../../lib/address.js';

/** The part of `node:dns/promises` that is used; a test gives its own. */
export interface Resolver {
  readonly addresses: (host: string) => Promise<readonly string[]>;
  readonly services: (name: string) => Promise<readonly { readonly name: string; readonly port: number }[]>;
}

const dns: Resolver = {
  addresses: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  services: (name) => resolveSrv(name),
};

/**
 * Every address that the targets lead to, each once: a name stands for all that it resolves to, `_service._tcp.name`
 * for what its SRV records say.
 *
 * @returns Null where a name does not resolve now: then it is not known who else there is.
 */
export async function resolvePeers(targets: readonly string[], resolver: Resolver = dns): Promise<string[] | null> {
  try {
    const addresses = (
      await Promise.all((await servicesOf(targets, resolver)).map((each) => allOf(each, resolver)))
    ).flat();
    return [...new Set(addresses)];
  } catch {
    return null;
  }
}

/** The targets, with SRV names replaced by the hosts and ports that they stand for. Rejects where one does not resolve. */
async function servicesOf(targets: readonly string[], resolver: Resolver): Promise<string[]> {
  const expanded = await Promise.all(
    targets.map(async (target) => {
      if (parseAddress(target) !== null) {
        return [target];
      }
      const records = await resolver.services(target);
      return records.map(({ name, port }) => formatAddress({ host: name, port }));
    }),
  );
  return expanded.flat();
}

async function allOf(target: string, resolver: Resolver): Promise<string[]> {
  const address = parseAddress(target);
  if (address === null) {
    return [];
  }
  const hosts = await resolver.addresses(address.host);
  return hosts.map((host) => formatAddress({ host, port: address.port }));
}

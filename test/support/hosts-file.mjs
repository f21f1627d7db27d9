/**
 * Loaded by `node --import` into nodes whose addresses are names that only a test knows: each look-up reads
 * RAFTDB_TEST_HOSTS, a JSON file from name to IP address, or to several of them, so that a test can move a name while the
 * nodes run. Names under `.test` are looked up nowhere else. The program itself knows nothing of it.
 */
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { lookup } = dns;
const lookupAll = dns.promises.lookup;

/** The addresses of a name; null where it is to be looked up as usual. */
function addressesOf(name) {
  const hosts = JSON.parse(readFileSync(process.env.RAFTDB_TEST_HOSTS, 'utf8'));
  if (hosts[name] === undefined && !name.endsWith('.test')) {
    return null;
  }
  const addresses = [hosts[name] ?? []].flat().map((address) => ({ address, family: 4 }));
  if (addresses.length === 0) {
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
  }
  return addresses;
}

dns.lookup = (name, options, callback) => {
  const [given, done] = typeof options === 'function' ? [{}, options] : [options, callback];
  try {
    const addresses = addressesOf(name);
    if (addresses === null) {
      return lookup(name, given, done);
    }
    const [{ address, family }] = addresses;
    return given?.all === true
      ? process.nextTick(done, null, addresses)
      : process.nextTick(done, null, address, family);
  } catch (error) {
    return process.nextTick(done, error);
  }
};

dns.promises.lookup = async (name, options) => {
  const addresses = addressesOf(name);
  if (addresses === null) {
    return lookupAll(name, options);
  }
  return options?.all === true ? addresses : addresses[0];
};

syncBuiltinESMExports();

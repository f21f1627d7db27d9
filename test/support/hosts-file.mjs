/**
 * Loaded by `node --import` into nodes whose addresses are names under `.test`: each look-up reads RAFTDB_TEST_HOSTS, a JSON
 * file from name to IP address, so that a test can move a name while the nodes run. The program itself knows nothing of it.
 */
import dns from 'node:dns';
import { readFileSync } from 'node:fs';

const { lookup } = dns;

dns.lookup = (name, options, callback) => {
  const [given, done] = typeof options === 'function' ? [{}, options] : [options, callback];
  const hosts = JSON.parse(readFileSync(process.env.RAFTDB_TEST_HOSTS, 'utf8'));
  if (!name.endsWith('.test')) {
    return lookup(name, given, done);
  }
  const address = hosts[name];
  if (address === undefined) {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
    return process.nextTick(done, error);
  }
  return given?.all === true
    ? process.nextTick(done, null, [{ address, family: 4 }])
    : process.nextTick(done, null, address, 4);
};

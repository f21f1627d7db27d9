import { expect, it } from '@jest/globals';
import { resolvePeers } from './resolve-peers.js';
import type { Resolver } from './resolve-peers.js';

const known: Readonly<Record<string, readonly string[]>> = {
  peers: ['10.0.0.2', '10.0.0.1', '2001:db8::3'],
  'a.peers': ['10.0.0.1'],
  'b.peers': ['10.0.0.2'],
  '10.0.0.9': ['10.0.0.9'],
};

const resolver: Resolver = {
  addresses: (host) => {
    const found = known[host];
    return found === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(found);
  },
  services: (name) =>
    name === '_http._tcp.peers'
      ? Promise.resolve([
          { name: 'a.peers', port: 8091 },
          { name: 'b.peers', port: 8092 },
        ])
      : Promise.reject(new Error('ENOTFOUND')),
};

it('takes a name for all that it resolves to', async () => {
  expect(await resolvePeers(['peers:8091'], resolver)).toEqual([
    '10.0.0.2:8091',
    '10.0.0.1:8091',
    '[2001:db8::3]:8091',
  ]);
});

it('takes several names and addresses in their order, each address once', async () => {
  const targets = ['b.peers:1', 'a.peers:1', '10.0.0.9:1', 'peers:1'];
  expect(await resolvePeers(targets, resolver)).toEqual(['10.0.0.2:1', '10.0.0.1:1', '10.0.0.9:1', '[2001:db8::3]:1']);
});

it('follows SRV records to their hosts and ports', async () => {
  expect(await resolvePeers(['_http._tcp.peers'], resolver)).toEqual(['10.0.0.1:8091', '10.0.0.2:8092']);
});

it.each([['a.peers:1', 'gone:1'], ['_http._tcp.gone']])('does not know who there is where %j', async (...targets) => {
  expect(await resolvePeers(targets, resolver)).toBeNull();
});

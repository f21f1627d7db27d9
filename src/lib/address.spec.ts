import { describe, expect, it } from '@jest/globals';
import { formatAddress, isWildcardHost, parseAddress, parseBind } from './address.js';

describe('parseAddress', () => {
  it.each([
    ['localhost:8091', 'localhost', 8091],
    ['raft-cluster-host-01:1', 'raft-cluster-host-01', 1],
    ['10.0.0.1:65535', '10.0.0.1', 65_535],
    ['[::1]:8091', '::1', 8091],
    ['[fe80::1%eth0]:8091', 'fe80::1%eth0', 8091],
    ['[::ffff:10.0.0.1]:80', '::ffff:10.0.0.1', 80],
    ['[1:2:3:4:5:6:7:8]:80', '1:2:3:4:5:6:7:8', 80],
    ['my_service.namespace.svc.:80', 'my_service.namespace.svc.', 80],
  ])('reads %s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  it.each([
    '',
    'localhost',
    ':8091',
    'localhost:',
    'localhost:0',
    'localhost:65536',
    'localhost:8091 ',
    'localhost:80a',
    'localhost:-1',
    'http://localhost:80',
    '::1:80',
    '[::1]',
    '[::1:80',
    '[]:80',
    '[localhost]:80',
    '[1::2::3]:80',
    '[12345::]:80',
    '[1:2:3:4:5:6:7]:80',
    '[1:2:3:4:5:6:7:8:9]:80',
    '[::1%]:80',
    '10.0.0:80',
    '256.0.0.1:80',
    '-a:80',
    'a-:80',
    'a..b:80',
    `${'a'.repeat(64)}:80`,
    `${'a.'.repeat(127)}:80`,
    'a/b:80',
    'ä:80',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('reads what formatAddress writes', () => {
    for (const text of ['a:1', '[::1]:2', '10.0.0.1:3']) {
      const address = parseAddress(text);
      expect(address === null ? null : formatAddress(address)).toBe(text);
    }
  });
});

describe('parseBind', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0', null],
    ['::', '::', null],
    ['[::]', '::', null],
    ['[::]:80', '::', 80],
    ['host:80', 'host', 80],
    ['host', 'host', null],
  ])('reads %s', (text, host, port) => {
    expect(parseBind(text)).toEqual({ host, port });
  });

  it.each(['', ':80', 'host:', 'host:0', '[host]', '[::'])('refuses %j', (text) => {
    expect(parseBind(text)).toBeNull();
  });
});

describe('isWildcardHost', () => {
  it('knows the addresses that stand for all of them', () => {
    expect(['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::1', '127.0.0.1', 'host'].map(isWildcardHost)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

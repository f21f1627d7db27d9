import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../raft/index.js';
import type { Member } from '../raft/index.js';
import { PeerDirectory, sameTarget } from './peer-directory.js';

function member(id: string, raftAddr: string, instanceId = `${id}-disk`): Member {
  return { id, instanceId, httpAddr: 'h:1', raftAddr, role: 'voter', promote: true };
}

describe('PeerDirectory', () => {
  it('knows every member but the node itself and those that cannot be dialled', () => {
    const directory = new PeerDirectory();
    directory.update(
      new Configuration([member('a', 'ha:1'), member('b', 'hb:2'), member('c', '[::1]:3'), member('d', 'no address')]),
    );

    expect([...directory.targets('a').values()]).toEqual([
      { nodeId: 'b', instanceId: 'b-disk', address: { host: 'hb', port: 2 } },
      { nodeId: 'c', instanceId: 'c-disk', address: { host: '::1', port: 3 } },
    ]);
  });

  it('takes any instance of a member that has not introduced itself', () => {
    const directory = new PeerDirectory();
    directory.update(new Configuration([member('b', 'hb:2', '')]));

    expect(directory.targets('a').get('b')?.instanceId).toBeNull();
  });
});

describe('sameTarget', () => {
  it('is false where the disk, the host or the port is another', () => {
    const target = { nodeId: 'b', instanceId: 'i', address: { host: 'h', port: 1 } };

    expect(sameTarget(target, { ...target, address: { ...target.address } })).toBe(true);
    expect(sameTarget(target, { ...target, instanceId: null })).toBe(false);
    expect(sameTarget(target, { ...target, address: { host: 'g', port: 1 } })).toBe(false);
    expect(sameTarget(target, { ...target, address: { host: 'h', port: 2 } })).toBe(false);
  });
});

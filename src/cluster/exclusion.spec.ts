import { expect, it, test } from '@jest/globals';
import { exclusionIn } from './exclusion.js';

const asker = { clusterId: 'c', nodeId: 'n1', instanceId: 'i1', configurationIndex: 7 };

function view(changes: object = {}): string {
  const members = [{ id: 'n2', instanceId: 'i2' }];
  return JSON.stringify({ clusterId: 'c', leaderId: 'n2', commitIndex: 9, configurationIndex: 8, members, ...changes });
}

it('is removed where a committed list of members leaves it out', () => {
  expect(exclusionIn(view(), asker)).toBe('removed');
});

it('is replaced where its id belongs to another instance, and a member where it does not', () => {
  expect(exclusionIn(view({ members: [{ id: 'n1', instanceId: 'i9' }] }), asker)).toBe('replaced');
  expect(exclusionIn(view({ members: [{ id: 'n1', instanceId: 'i1' }] }), asker)).toBe('member');
});

it('is left behind where the cluster was rescued into a later epoch without it', () => {
  expect(exclusionIn(view({ clusterId: 'c.2-0a', configurationIndex: 1 }), asker)).toBe('leftBehind');
  expect(exclusionIn(view({ clusterId: 'c.2-0a' }), { ...asker, clusterId: 'c.2-0b' })).toBeNull();
  expect(exclusionIn(view(), { ...asker, clusterId: 'c.2-0b' })).toBeNull();
});

test.each<[string, object | string]>([
  ['another cluster', { clusterId: 'd' }],
  ['a node without a cluster', { clusterId: null }],
  ['a node that knows no leader', { leaderId: null }],
  ['members that are not committed', { commitIndex: 7 }],
  ['members that are older than what it knows itself', { configurationIndex: 6 }],
  ['an answer of another form', { members: undefined }],
  ['no JSON', 'moved'],
])('%s: nothing is known', (_what, changes) => {
  expect(exclusionIn(typeof changes === 'string' ? changes : view(changes), asker)).toBeNull();
});

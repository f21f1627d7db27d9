import { expect, it } from '@jest/globals';
import { settingTable } from '../../src/config/settings.js';
import { describeWithHelm, refusal, render } from './helm.js';
import type { Values } from './helm.js';
import { one } from './manifests.js';

type Single = NonNullable<Values['set']>;

describeWithHelm('the chart refuses, and says what would be right:', () => {
  it.each<[string, Single, string]>([
    [
      'an even number',
      { replicaCount: 4 },
      'an even number survives no more losses than 3 nodes do. Take an odd number',
    ],
    ['Postgres without its secret', { 'storage.kind': 'postgres' }, 'name the secret with the URL of the server'],
    ['one port for both', { 'ports.raft': 8091 }, 'ports.http and ports.raft are both 8091: they take two ports'],
    ['an Ingress for nobody', { 'ingress.enabled': true }, 'name at least one host in ingress.hosts'],
    ['more members than nodes', { memberCount: 5 }, 'there cannot be more members than nodes'],
    [
      'an end before the node has stopped',
      { 'termination.gracePeriodSeconds': 20 },
      'it takes more than preStopSeconds and shutdownSeconds together (25)',
    ],
  ])('%s', (_what, set, message) => {
    expect(refusal(set)).toContain(message);
  });
});

/** Versions of helm differ in their words: the name of the value and the bound are in all of them. */
describeWithHelm('the schema refuses', () => {
  it.each<[string, Single, RegExp]>([
    ['no nodes', { replicaCount: 0 }, /replicaCount.*\b1\b/],
    ['too many', { replicaCount: 11 }, /replicaCount.*\b9\b/],
    ['a number that is a text', { replicaCount: 'three' }, /replicaCount.*integer/],
    ['a value that it does not know', { replicas: 3 }, /replicas.* not allowed/],
    ['one of a group', { 'storage.sise': '1Gi' }, /sise.* not allowed/],
    ['another storage', { 'storage.kind': 'mysql' }, /storage[./]kind.*sqlite/],
    ['a size without a unit', { 'storage.size': 'big' }, /storage[./]size.*pattern/],
    ['root', { 'podSecurityContext.runAsUser': 0 }, /podSecurityContext[./]runAsUser.*\b1\b/],
    ['a setting that there is not', { 'settings.election-timeout': 5 }, /settings/],
    ['a setting that the chart makes', { 'settings.members-file': '/x' }, /settings/],
    ['a memory limit in another unit', { 'resources.limits.memory': '1GiB' }, /resources[./]limits[./]memory.*pattern/],
  ])('%s', (_what, set, message) => {
    expect(refusal(set)).toMatch(message);
  });
});

describeWithHelm('the chart takes', () => {
  it('an even number where it is asked for', () => {
    const objects = render({ set: { replicaCount: 4, allowEvenReplicas: true } });
    expect(one(objects, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  });

  it('every setting of a node but those that it makes itself', () => {
    const made =
      'id haddr raddr http-bind raft-bind join bootstrap-expect learner replace members-file storage log-format';
    const others = ['shutdown-timeout-ms', 'postgres-url', 'postgres-password-file', 'postgres-schema'];
    const own = new Set([...made.split(' '), ...others]);
    const flags = settingTable.map(({ flag }) => flag?.slice(2)).filter((flag) => flag !== undefined);
    for (const flag of flags) {
      const given = { set: { [`settings.${flag}`]: 1 } };
      expect([flag, own.has(flag) ? refusal(given.set) !== '' : render(given).length > 0]).toEqual([flag, true]);
    }
  });
});

import { expect, it } from '@jest/globals';
import { settingTable } from '../../src/config/settings.js';
import { describeWithHelm, refusal, render } from './helm.js';
import { one } from './manifests.js';

describeWithHelm('the chart refuses', () => {
  it.each<[string, Readonly<Record<string, string | number | boolean>>, string]>([
    [
      'an even number',
      { replicaCount: 4 },
      'replicaCount is 4: an even number survives no more losses than 3 nodes do',
    ],
    ['no nodes', { replicaCount: 0 }, 'replicaCount: Must be greater than or equal to 1'],
    ['too many', { replicaCount: 11 }, 'replicaCount: Must be less than or equal to 9'],
    ['a number that is a text', { replicaCount: 'three' }, 'replicaCount: Invalid type. Expected: integer'],
    ['a value that it does not know', { replicas: 3 }, 'Additional property replicas is not allowed'],
    ['one of a group', { 'storage.sise': '1Gi' }, 'Additional property sise is not allowed'],
    ['another storage', { 'storage.kind': 'mysql' }, 'storage.kind must be one of the following'],
    ['a size without a unit', { 'storage.size': 'big' }, 'storage.size: Does not match pattern'],
    ['root', { 'podSecurityContext.runAsUser': 0 }, 'podSecurityContext.runAsUser: Must be greater than or equal to 1'],
    ['a setting that there is not', { 'settings.election-timeout': 5 }, 'settings'],
    ['a setting that the chart makes', { 'settings.members-file': '/x' }, 'settings'],
    ['Postgres without its secret', { 'storage.kind': 'postgres' }, 'name the secret with the URL of the server'],
    ['one port for both', { 'ports.raft': 8091 }, 'ports.http and ports.raft are both 8091'],
    ['an Ingress for nobody', { 'ingress.enabled': true }, 'name at least one host in ingress.hosts'],
    ['more members than nodes', { memberCount: 5 }, 'there cannot be more members than nodes'],
    [
      'an end before the node has stopped',
      { 'termination.gracePeriodSeconds': 20 },
      'it takes more than preStopSeconds and shutdownSeconds together (25)',
    ],
    ['a memory limit in another unit', { 'resources.limits.memory': '1GiB' }, 'resources.limits.memory'],
  ])('%s', (_what, set, message) => {
    expect(refusal(set)).toContain(message);
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

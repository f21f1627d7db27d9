import { describe, expect, it } from '@jest/globals';
import { emptyNodes, nameOf, nextStep } from './founding-step.js';
import type { FoundingStep, FoundingView } from './founding-step.js';
import { foundingClusterId } from '../../consensus/founding.js';
import type { Founder } from '../../consensus/founding.js';
import type { PeerReport } from './peer-report.js';

function empty(nodeId: string, changes: Partial<PeerReport> = {}): PeerReport {
  const [httpAddr, raftAddr] = [`${nodeId}:8091`, `${nodeId}:8089`];
  const base = {
    nodeId,
    instanceId: `i-${nodeId}`,
    httpAddr,
    raftAddr,
    expect: 3,
    clusterId: null,
    members: [],
    isFounding: false,
  };
  return { ...base, sees: [], ...changes };
}

/** Each of them has seen all of them. */
function agreeing(reports: readonly PeerReport[]): PeerReport[] {
  const sees = emptyNodes(reports).map(nameOf);
  return reports.map((report) => ({ ...report, sees }));
}

function step(reports: readonly PeerReport[], changes: Partial<FoundingView> = {}): FoundingStep {
  const own = { id: 'a', instanceId: 'i-a' };
  return nextStep({ own, expect: 3, addressCount: reports.length, reports, ...changes });
}

function founders(reports: readonly PeerReport[]): Founder[] {
  return reports.map(({ nodeId: id, instanceId, httpAddr, raftAddr }) => ({ id, instanceId, httpAddr, raftAddr }));
}

const three = [empty('a'), empty('b'), empty('c')];

describe('empty nodes', () => {
  it('found once each has seen all of them', () => {
    expect(step(agreeing(three))).toEqual({ kind: 'found', founders: founders(three) });
  });

  it('found where two addresses lead to one of them', () => {
    const reports = agreeing([...three, empty('b')]);
    expect(step(reports)).toEqual({ kind: 'found', founders: founders(three) });
  });

  it.each<[string, readonly PeerReport[], Partial<FoundingView>, string]>([
    ['one is missing', agreeing(three.slice(0, 2)), { addressCount: 3 }, '2 of 3 nodes are there'],
    ['an address does not answer', agreeing(three), { addressCount: 4 }, 'of 4 addresses 3 answer'],
    ['there are too many', agreeing([...three, empty('d')]), {}, '4 empty nodes are there, but 3'],
    [
      'one founds with another number',
      agreeing([...three.slice(0, 2), empty('c', { expect: 5 })]),
      {},
      'c founds with 5',
    ],
    ['one founds with nobody', agreeing([...three.slice(0, 2), empty('c', { expect: 0 })]), {}, 'c founds with 0'],
    ['two have one id', agreeing([...three.slice(0, 2), empty('b', { instanceId: 'i-x' })]), {}, 'same id'],
    [
      'two have one address',
      agreeing([...three.slice(0, 2), empty('c', { httpAddr: 'b:8091' })]),
      {},
      'same HTTP address',
    ],
    [
      'two have one peer address',
      agreeing([...three.slice(0, 2), empty('c', { raftAddr: 'b:8089' })]),
      {},
      'same peer',
    ],
    ['none of them is this node', agreeing([empty('b'), empty('c'), empty('d')]), {}, 'leads to this node itself'],
    ['one has not seen the others', [...agreeing(three).slice(0, 2), empty('c')], {}, 'c has yet to see the others'],
    [
      'one has seen another instance',
      [...agreeing(three).slice(0, 2), empty('c', { sees: ['a i-wiped', 'b i-b', 'c i-c'] })],
      {},
      'c has yet to see',
    ],
  ])('wait where %s', (_what, reports, changes, reason) => {
    expect(step(reports, changes)).toEqual({ kind: 'wait', reason: expect.stringContaining(reason) as unknown });
  });
});

describe('where there is a cluster', () => {
  const member = (changes: Partial<PeerReport> = {}): PeerReport =>
    empty('b', { clusterId: 'c1', members: founders([empty('a')]), ...changes });

  it('a node that it lists adopts it, although others are empty or away', () => {
    expect(step([empty('a'), member(), empty('c')])).toEqual({ kind: 'adopt', clusterId: 'c1' });
    expect(step([member()], { addressCount: 3 })).toEqual({ kind: 'adopt', clusterId: 'c1' });
  });

  it('a founder stores what another founder has stored', () => {
    const members = founders(three);
    const stored = empty('b', { clusterId: foundingClusterId(members), members, isFounding: true });
    expect(step([empty('a'), stored], { addressCount: 3 })).toEqual({ kind: 'found', founders: members });
  });

  it('founders of another name are not taken for those of the cluster', () => {
    const stored = member({ members: founders(three), isFounding: true });
    expect(step([empty('a'), stored])).toEqual({ kind: 'adopt', clusterId: 'c1' });
  });

  it('a node that it does not list, or lists with other data, joins', () => {
    expect(step([empty('a'), member({ members: [] }), empty('c')])).toEqual({ kind: 'join' });
    expect(
      step([...agreeing(three).slice(0, 2), member({ members: founders([empty('a', { instanceId: 'i-old' })]) })]),
    ).toEqual({
      kind: 'join',
    });
  });

  it('nothing is done where there are two', () => {
    expect(step([empty('a'), member(), member({ nodeId: 'c', clusterId: 'c2' })])).toMatchObject({
      kind: 'wait',
      reason: 'the addresses lead to several clusters: c1, c2',
    });
  });
});

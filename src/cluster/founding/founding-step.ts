import { foundingClusterId } from '../../consensus/founding.js';
import type { Founder } from '../../consensus/founding.js';
import type { PeerReport } from './peer-report.js';

/** What an empty node sees when it asks all the addresses that it was given. */
export interface FoundingView {
  readonly own: { readonly id: string; readonly instanceId: string };
  /** With how many it founds, itself among them. */
  readonly expect: number;
  /** Addresses that were asked; each may have answered once. */
  readonly addressCount: number;
  readonly reports: readonly PeerReport[];
}

/**
 * What it does next.
 *
 * - `found`: stores the founders as the first entry of its log, those that another has stored where it is one of them.
 * - `adopt`: a cluster lists it among its members, with these data, and has changed since: it waits for its leader.
 * - `join`: there is a cluster that does not list it.
 */
export type FoundingStep =
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'adopt'; readonly clusterId: string }
  | { readonly kind: 'join' }
  | { readonly kind: 'found'; readonly founders: readonly Founder[] };

/** How a node is named in what others see. */
export function nameOf({ nodeId, instanceId }: Pick<PeerReport, 'nodeId' | 'instanceId'>): string {
  return `${nodeId} ${instanceId}`;
}

/** The empty nodes among those that answered, each once, sorted by name. */
export function emptyNodes(reports: readonly PeerReport[]): PeerReport[] {
  const byName = new Map(reports.filter(({ clusterId }) => clusterId === null).map((each) => [nameOf(each), each]));
  return [...byName].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, report]) => report);
}

/**
 * Decides the next step of an empty node.
 *
 * A node founds only where every address answered, exactly the expected number of distinct nodes are there, all empty,
 * and each of them has seen just these. Whoever reported that has stored nothing, and can store another set only
 * after a look that shows another set: docs/adr/0008-founding-together.md says why two clusters cannot come of it.
 */
export function nextStep(view: FoundingView): FoundingStep {
  const { own, reports } = view;
  const clusters = new Set(reports.map(({ clusterId }) => clusterId).filter((clusterId) => clusterId !== null));
  if (clusters.size > 1) {
    return { kind: 'wait', reason: `the addresses lead to several clusters: ${[...clusters].sort().join(', ')}` };
  }
  const [clusterId] = clusters;
  if (clusterId === undefined) {
    return stepOfEmpty(view);
  }
  const listing = reports.filter(({ members }) =>
    members.some(({ id, instanceId }) => id === own.id && instanceId === own.instanceId),
  );
  const founders = listing.find(({ isFounding }) => isFounding)?.members;
  if (founders !== undefined && foundingClusterId(founders) === clusterId) {
    return { kind: 'found', founders };
  }
  return listing.length > 0 ? { kind: 'adopt', clusterId } : { kind: 'join' };
}

function stepOfEmpty({ own, expect, addressCount, reports }: FoundingView): FoundingStep {
  const founders = emptyNodes(reports);
  const names = founders.map(nameOf);
  const problem =
    countProblem(founders.length, expect) ??
    (reports.length < addressCount ? `of ${addressCount} addresses ${reports.length} answer` : null) ??
    likenessProblem(founders, expect) ??
    (names.includes(nameOf({ nodeId: own.id, instanceId: own.instanceId }))
      ? null
      : 'none of the addresses leads to this node itself');
  if (problem !== null) {
    return { kind: 'wait', reason: problem };
  }
  const blind = founders.filter(({ sees }) => sees.join('\n') !== names.join('\n')).map(({ nodeId }) => nodeId);
  return blind.length === 0
    ? { kind: 'found', founders: founders.map(asFounder) }
    : { kind: 'wait', reason: `${blind.join(', ')} has yet to see the others` };
}

function asFounder({ nodeId: id, instanceId, httpAddr, raftAddr }: PeerReport): Founder {
  return { id, instanceId, httpAddr, raftAddr };
}

function countProblem(count: number, expect: number): string | null {
  if (count < expect) {
    return `${count} of ${expect} nodes are there`;
  }
  return count > expect ? `${count} empty nodes are there, but ${expect} are to found` : null;
}

/** Founders must differ in their ids and addresses, and agree about how many they are. */
function likenessProblem(founders: readonly PeerReport[], expect: number): string | null {
  const other = founders.find((founder) => founder.expect !== expect);
  if (other !== undefined) {
    return `${other.nodeId} founds with ${other.expect} nodes and this one with ${expect}`;
  }
  for (const [what, read] of distinctFields) {
    if (new Set(founders.map(read)).size < founders.length) {
      return `two nodes have the same ${what}`;
    }
  }
  return null;
}

const distinctFields: readonly (readonly [what: string, read: (report: PeerReport) => string])[] = [
  ['id', ({ nodeId }) => nodeId],
  ['HTTP address', ({ httpAddr }) => httpAddr],
  ['peer address', ({ raftAddr }) => raftAddr],
];

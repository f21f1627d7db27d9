import type { InstanceId, NodeId } from '../types.js';
import type { Configuration, Member } from './configuration.js';

/**
 * One step from a configuration to the next; each adds or removes at most one voter (Ongaro 2014 §4.1).
 *
 * - `join`: a node asks to be a member. The same id and instance again updates the addresses.
 * - `promote`: the leader makes a learner a voter (§4.2.1).
 * - `remove`: takes a member out.
 */
export type MembershipChange =
  | {
      readonly kind: 'join';
      readonly member: JoinRequest;
      /** Takes the place of another instance under the same id; of whatever has it where the request names none. */
      readonly replace: boolean;
    }
  | { readonly kind: 'promote'; readonly id: NodeId; readonly instanceId: InstanceId }
  | { readonly kind: 'remove'; readonly id: NodeId };

/** Who wants to join. `instanceId` null: whatever instance has the id now (hand-made requests). */
export interface JoinRequest {
  readonly id: NodeId;
  readonly instanceId: InstanceId | null;
  readonly httpAddr: string;
  readonly raftAddr: string;
  /** False: stays a learner for good. */
  readonly promote: boolean;
}

/** Stands for the instance of a member that has not introduced itself; no node has it. */
export const unknownInstance: InstanceId = '';

/**
 * The configuration after the change; null where the change contradicts this one.
 *
 * A joiner comes in as a learner, so that it counts in no quorum before it has the log (Ongaro 2014 §4.2.1).
 */
export function nextConfiguration(configuration: Configuration, change: MembershipChange): Configuration | null {
  switch (change.kind) {
    case 'join':
      return join(configuration, change.member, change.replace);
    case 'promote':
      return promote(configuration, change);
    case 'remove':
      return remove(configuration, change.id);
  }
}

function join(configuration: Configuration, request: JoinRequest, replace: boolean): Configuration | null {
  if (addressTaken(configuration, request)) {
    return null;
  }
  const existing = configuration.member(request.id);
  const { id, httpAddr, raftAddr } = request;
  if (existing === undefined) {
    return configuration.with(newLearner(request));
  }
  const sameInstance = request.instanceId === null ? !replace : existing.instanceId === request.instanceId;
  if (sameInstance || existing.instanceId === unknownInstance) {
    const instanceId = request.instanceId ?? existing.instanceId;
    return configuration.with({ ...existing, id, instanceId, httpAddr, raftAddr });
  }
  const lastVoter = configuration.isVoter(id) && configuration.voterIds.length === 1;
  return replace && !lastVoter ? configuration.with(newLearner(request)) : null;
}

function newLearner(request: JoinRequest): Member {
  return { ...request, instanceId: request.instanceId ?? unknownInstance, role: 'learner' };
}

function addressTaken(configuration: Configuration, request: JoinRequest): boolean {
  return configuration.members.some(
    (member) =>
      member.id !== request.id && (member.raftAddr === request.raftAddr || member.httpAddr === request.httpAddr),
  );
}

function promote(
  configuration: Configuration,
  learner: { readonly id: NodeId; readonly instanceId: InstanceId },
): Configuration | null {
  const member = configuration.member(learner.id);
  if (member?.instanceId !== learner.instanceId || member.role !== 'learner') {
    return null;
  }
  return configuration.with({ ...member, role: 'voter' });
}

function remove(configuration: Configuration, id: NodeId): Configuration | null {
  const lastVoter = configuration.isVoter(id) && configuration.voterIds.length === 1;
  return configuration.member(id) === undefined || lastVoter ? null : configuration.without(id);
}

import { unknownInstance } from '../raft/index.js';
import type { Configuration, Member, RoleReason, StatusChange } from '../raft/index.js';

const reasons: Readonly<Record<RoleReason, string>> = {
  started: 'it has just started',
  leaderMissed: 'no leader was heard for an election timeout',
  leaderAsked: 'the former leader handed over to it',
  leaderHeard: 'another leader was heard',
  termRaised: 'another node is in a higher term',
  notElected: 'a majority did not vote for it',
  quorumMissed: 'no quorum was heard for an election timeout',
  storageStalled: 'its storage stalls',
  removed: 'the cluster removed it',
};

/**
 * What changed from one moment of a node to the next, a line each.
 *
 * @param before - Null at the start.
 */
export function describeChange(before: StatusChange | null, after: StatusChange): string[] {
  return [...describeRole(before, after), ...describeMembers(before?.configuration ?? null, after.configuration)];
}

/** A voter becomes a learner only where the entry that promoted it is overwritten before it was committed. */
function describeRank({ id, role }: Member): string {
  return role === 'voter' ? `${id} was promoted to a voter: it has caught up` : `the promotion of ${id} was taken back`;
}

/** Whether somebody seeks a leader and finds none, which happens again and again without one. */
export function isRoutine(before: StatusChange | null, after: StatusChange): boolean {
  const isSame = before?.configuration === after.configuration;
  return isSame && before.role !== 'leader' && before.leaderId === null && after.leaderId === null;
}

function describeRole(before: StatusChange | null, after: StatusChange): string[] {
  if (before?.role === after.role && before.leaderId === after.leaderId) {
    return [];
  }
  const leader = after.leaderId ?? 'nobody known';
  const isAlone = after.reason === 'leaderMissed' && after.configuration.voterIds.length === 1;
  const reason = isAlone ? 'it is the only voter' : reasons[after.reason];
  const why = after.role === 'follower' && before?.role !== 'leader' ? '' : `: ${reason}`;
  return [`role ${after.role} in term ${after.term}, leader: ${leader}${why}`];
}

function describeMembers(before: Configuration | null, after: Configuration): string[] {
  if (before === after) {
    return [];
  }
  const all = after.members.map(({ id, role }) => `${id} (${role})`).join(', ');
  const list = `members are now ${all === '' ? 'none' : all}`;
  if (before === null) {
    return [list];
  }
  const gone = before.members.filter(({ id }) => after.member(id) === undefined).map(({ id }) => `${id} was removed`);
  const changed = after.members.flatMap((member) => describeMember(before.member(member.id), member));
  return [...gone, ...changed, list];
}

function describeMember(before: Member | undefined, after: Member): string[] {
  const { id, role, promote, httpAddr } = after;
  const comes = promote ? 'as a learner until it has caught up' : 'as a learner for good';
  if (before === undefined) {
    return [`${id} joined at ${httpAddr}, ${role === 'voter' ? 'as a voter' : comes}`];
  }
  if (before.instanceId !== after.instanceId && before.instanceId !== unknownInstance) {
    const who = after.instanceId === unknownInstance ? 'whichever instance comes next' : 'another instance';
    return [`${id} was replaced by ${who}, ${comes}`];
  }
  return [
    ...(before.instanceId === after.instanceId ? [] : [`${id} came for the place that was kept for it`]),
    ...(before.role === role ? [] : [describeRank(after)]),
    ...(before.httpAddr === httpAddr && before.raftAddr === after.raftAddr ? [] : [`${id} moved to ${httpAddr}`]),
  ];
}

import type { MembershipOutcome } from '../consensus/raft.service.js';
import type { Joined } from './dto/join.dto.js';

/** The members after a change, as they are answered. */
export function joined({ clusterId, configuration }: MembershipOutcome): Joined {
  const members = configuration.members.map(({ id, instanceId, httpAddr, raftAddr, role }) => {
    return { id, instanceId, httpAddr, raftAddr, voter: role === 'voter' };
  });
  return { clusterId, members };
}

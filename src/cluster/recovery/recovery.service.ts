import { Inject, Injectable } from '@nestjs/common';
import { StartingError } from '../../consensus/consensus.errors.js';
import { RaftService } from '../../consensus/raft.service.js';
import type { RaftStatus } from '../../consensus/raft-status.js';
import { ADMISSION_OPTIONS } from '../admission-options.js';
import type { AdmissionOptions } from '../admission-options.js';
import { askMember } from '../ask-member.js';
import { chooseSurvivor } from './choose-survivor.js';
import { memberStatusSchema } from './recovery.dto.js';
import type { MemberStatus, RecoveryView } from './recovery.dto.js';

type Member = RaftStatus['configuration']['members'][number];
type MemberView = RecoveryView['members'][number];

/** Shows what is left of a cluster, and which survivor to go on from. */
@Injectable()
export class RecoveryService {
  constructor(
    private readonly raft: RaftService,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {}

  /** Asks all members over HTTP, for an election timeout at most. @throws StartingError before the data are read. */
  async view(): Promise<RecoveryView> {
    const { phase } = this.raft.status();
    if (phase === 'starting') {
      throw new StartingError('this node is reading back its data');
    }
    const { configuration } = this.raft.status();
    const members = await Promise.all(configuration.members.map((member) => this.ask(member)));
    const status = this.raft.status();
    const { clusterId, nodeId, leaderId, term, commitIndex } = status;
    const { quorumSize: quorum } = configuration;
    const voters = members.filter(({ answers, voter }) => answers && voter).length;
    const isQuorumLost = clusterId !== null && leaderId === null && members.length > 0 && voters < quorum;
    const chosen = isQuorumLost ? chooseSurvivor(members.filter(isKnown)) : null;
    return {
      ...{ clusterId, nodeId, lastIndex: status.lastLogIndex, lastTerm: status.lastLogTerm, commitIndex },
      ...{ term, leaderId, quorum, members, isQuorumLost, choose: chosen?.id ?? null },
      advice: advice({ status, voters, quorum, chosen }),
    };
  }

  private async ask(member: Member): Promise<MemberView> {
    const status = this.raft.status();
    const { id, httpAddr, role } = member;
    const found = id === status.nodeId ? ownStatus(status) : await this.statusAt(httpAddr);
    const known = found !== null && isMember(found, { member, clusterId: status.clusterId }) ? found : null;
    // Without its storage a node answers, and cannot say where its log ends.
    const end = known?.node.phase === 'running' ? known : null;
    return {
      ...{ id, httpAddr, voter: role === 'voter', answers: known !== null },
      lastIndex: end?.log.lastIndex ?? null,
      lastTerm: end?.log.lastTerm ?? null,
      commitIndex: end?.raft.commitIndex ?? null,
    };
  }

  private async statusAt(httpAddr: string): Promise<MemberStatus | null> {
    try {
      const url = new URL(`http://${httpAddr}/status`);
      const { electionTimeoutMs: timeoutMs } = this.options;
      const answer = await askMember(url, { method: 'GET', body: null, timeoutMs });
      return answer.status === 200 ? memberStatusSchema.parse(JSON.parse(answer.text)) : null;
    } catch {
      return null;
    }
  }
}

function ownStatus(status: RaftStatus): MemberStatus {
  const { nodeId: id, instanceId, clusterId, phase, commitIndex } = status;
  const { lastLogIndex: lastIndex, lastLogTerm: lastTerm } = status;
  return { node: { id, instanceId, clusterId, phase }, raft: { commitIndex }, log: { lastIndex, lastTerm } };
}

/** A wiped disk under the same id, or another cluster at the same address, is no survivor. */
function isMember(
  { node }: MemberStatus,
  { member, clusterId }: { readonly member: Member; readonly clusterId: string | null },
): boolean {
  return node.id === member.id && node.instanceId === member.instanceId && node.clusterId === clusterId;
}

function isKnown(member: MemberView): member is MemberView & { lastIndex: number; lastTerm: number } {
  return member.lastIndex !== null && member.lastTerm !== null;
}

interface Findings {
  readonly status: RaftStatus;
  /** Voters that answer. */
  readonly voters: number;
  readonly quorum: number;
  readonly chosen: MemberView | null;
}

function advice({ status, voters, quorum, chosen }: Findings): string {
  if (status.clusterId === null) {
    return 'This node belongs to no cluster: there is nothing to recover from it.';
  }
  if (status.leaderId !== null) {
    return 'There is a leader: nothing is lost.';
  }
  if (chosen === null) {
    return `${voters} voters answer, and ${quorum} are a majority: nothing is lost. Either they elect a leader in a moment, or they do not reach each other at their peer addresses.`;
  }
  return (
    `${voters} voters answer, and ${quorum} are a majority. Bring the others back if there is any way. Only if they are gone for good: ` +
    `stop all members, and run on the data of ${chosen.id}: raftd recover --keep ${chosen.id}=${chosen.httpAddr} DATA_DIR. ` +
    `Start it, and let the others join it with empty disks. What only the lost members had stored is gone.`
  );
}

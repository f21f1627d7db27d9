import { Inject, Injectable } from '@nestjs/common';
import { StartingError } from '../../consensus/consensus.errors.js';
import { RaftService } from '../../consensus/raft.service.js';
import type { RaftStatus } from '../../consensus/raft-status.js';
import { ADMISSION_OPTIONS } from '../admission-options.js';
import type { AdmissionOptions } from '../admission-options.js';
import { parseAnswer, textOf } from '../ask-member.js';
import { adviceOn, reasonAgainst } from './advice.js';
import { chooseSurvivor } from './choose-survivor.js';
import { stateOf } from './member-state.js';
import { memberStatusSchema } from './recovery.dto.js';
import type { MemberStatus, RecoveryView } from './recovery.dto.js';

type Member = RaftStatus['configuration']['members'][number];
type MemberView = RecoveryView['members'][number];

/** A member may be busy reading back its data, so it gets this many election timeouts to answer. */
const patienceTimeouts = 2;

/** Shows what is left of a cluster, and which survivor to go on from. */
@Injectable()
export class RecoveryService {
  constructor(
    private readonly raft: RaftService,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {}

  /** Asks all members over HTTP. @throws StartingError before the data are read. */
  async view(): Promise<RecoveryView> {
    const { phase, configuration } = this.raft.status();
    if (phase === 'starting') {
      throw new StartingError('this node is reading back its data');
    }
    const members = await Promise.all(configuration.members.map((member) => this.ask(member)));
    const status = this.raft.status();
    const { quorumSize: quorum } = configuration;
    const voters = members.filter(({ state, voter }) => voter && (state === 'present' || state === 'unclear')).length;
    const findings = { status, members, voters, quorum };
    const against = reasonAgainst(findings);
    const isClear = members.every(({ state }) => state !== 'unclear');
    const chosen = against === null && isClear ? chooseSurvivor(members.filter(isKnown)) : null;
    return {
      ...{ clusterId: status.clusterId, nodeId: status.nodeId },
      ...{ lastIndex: status.durableIndex, lastTerm: status.durableTerm, commitIndex: status.commitIndex },
      ...{ term: status.term, leaderId: status.leaderId, quorum, members },
      isQuorumLost: against === null,
      choose: chosen?.id ?? null,
      advice: against ?? adviceOn(findings, chosen),
    };
  }

  private async ask(member: Member): Promise<MemberView> {
    const status = this.raft.status();
    const { id, httpAddr, role } = member;
    const found = id === status.nodeId ? ownStatus(status) : await this.statusAt(httpAddr);
    const state = stateOf(found, member, status.clusterId);
    const known = state === 'present' ? found : null;
    return {
      ...{ id, httpAddr, voter: role === 'voter', state },
      lastIndex: known?.log.durableIndex ?? null,
      lastTerm: known?.log.durableTerm ?? null,
      commitIndex: known?.raft.commitIndex ?? null,
    };
  }

  private async statusAt(httpAddr: string): Promise<MemberStatus | null> {
    const timeoutMs = patienceTimeouts * this.options.electionTimeoutMs;
    return parseAnswer(memberStatusSchema, await textOf(httpAddr, '/status', { timeoutMs }));
  }
}

function ownStatus(status: RaftStatus): MemberStatus {
  const { nodeId: id, instanceId, clusterId, phase, commitIndex, durableIndex, durableTerm } = status;
  return { node: { id, instanceId, clusterId, phase }, raft: { commitIndex }, log: { durableIndex, durableTerm } };
}

function isKnown(member: MemberView): member is MemberView & { lastIndex: number; lastTerm: number } {
  return member.lastIndex !== null && member.lastTerm !== null;
}

import { Injectable } from '@nestjs/common';
import { NotHandedOverError, RemovalRefusedError } from '../consensus/consensus.errors.js';
import { RaftService } from '../consensus/raft.service.js';
import type { Configuration, RemovalRefusal } from '../consensus/raft-status.js';
import { Deadline, HttpSettings, jsonAnswer, LeaderRouting, Problem } from '../http/index.js';
import type { Answer, ApiRequest } from '../http/index.js';
import { nodeIdSchema } from './dto/join.dto.js';
import { handOverSchema } from './dto/members.dto.js';
import { readJsonBody } from './json-body.js';
import { joined } from './joined.js';
import { relay } from './relay.js';

/** What to do about a removal that is refused. */
const refusalDetails: Readonly<Record<RemovalRefusal, string>> = {
  unknownMember: 'No member has this id; nothing was changed. GET /cluster lists them.',
  lastVoter: 'It is the only voter: without it there is no cluster. Nothing was changed.',
  quorumAtRisk:
    'Of the voters that would be left no majority is heard, so that no write could be committed; nothing was changed. Bring the others back, or let another node join and be promoted first.',
};

/** Takes members out and hands leadership over. */
@Injectable()
export class MembersService {
  constructor(
    private readonly raft: RaftService,
    private readonly routing: LeaderRouting,
    private readonly settings: HttpSettings,
  ) {}

  /**
   * Removes a member and answers with those that are left. A leader that is to go hands over first. Any node will do.
   *
   * @throws Problem INVALID_PARAMETER, NOT_FOUND, CONFLICT; ConsensusError.
   */
  async remove(id: string, request: ApiRequest): Promise<Answer> {
    requireNodeId(id);
    const deadline = this.deadlineOf(request);
    const elsewhere = await this.routing.redirect(request, deadline);
    if (elsewhere !== null) {
      return elsewhere;
    }
    await this.requireReplaceable(id, deadline);
    await this.leadElsewhere(id, deadline);
    const { nodeId, configuration } = this.raft.status();
    const leader = configuration.member(await this.raft.waitForLeader(deadline));
    if (id === nodeId && leader !== undefined && leader.id !== nodeId) {
      // The entry that takes this node out never comes here: only the others know when it is committed.
      return relay(request, { to: leader.httpAddr, timeoutMs: deadline.timeoutMs });
    }
    try {
      return jsonAnswer(joined(await this.raft.changeMembership({ kind: 'remove', id }, deadline)));
    } catch (error) {
      throw error instanceof RemovalRefusedError ? refusedRemoval(error.reason) : error;
    }
  }

  /**
   * Hands leadership over. Any node will do.
   *
   * @throws Problem INVALID_JSON, INVALID_PARAMETER, NOT_FOUND, CONFLICT; ConsensusError.
   */
  async handOver(request: ApiRequest): Promise<Answer> {
    const { id: target = null } =
      request.body.length === 0
        ? {}
        : readJsonBody(request.body, { schema: handOverSchema, hint: 'with the id of a voter or none' });
    const deadline = this.deadlineOf(request);
    const elsewhere = await this.routing.redirect(request, deadline);
    if (elsewhere !== null) {
      return elsewhere;
    }
    // What this node knows of the members is as new as the leader's from here on.
    await this.raft.read('consistent', deadline);
    const { configuration } = this.raft.status();
    await this.requireCandidate(target, configuration);
    try {
      const leaderId = await this.raft.handOver(target, deadline);
      return jsonAnswer({ leaderId, term: this.raft.status().term });
    } catch (error) {
      throw error instanceof NotHandedOverError ? notHandedOver() : error;
    }
  }

  private deadlineOf(request: ApiRequest): Deadline {
    return new Deadline(request.query.timeoutMs(this.settings.requestTimeoutMs));
  }

  /** Refuses what the leader would refuse, before leadership moves for it. */
  private async requireReplaceable(id: string, deadline: Deadline): Promise<void> {
    await this.raft.read('consistent', deadline);
    const { configuration } = this.raft.status();
    if (configuration.member(id) === undefined) {
      throw refusedRemoval('unknownMember');
    }
    if (!configuration.isVoter(id)) {
      return;
    }
    const rest = configuration.without(id);
    if (rest.voterIds.length === 0) {
      throw refusedRemoval('lastVoter');
    }
    const progress = await this.raft.memberProgress();
    const healthy = progress?.filter((member) => member.healthy && rest.isVoter(member.id)).length ?? rest.quorumSize;
    if (healthy < rest.quorumSize) {
      throw refusedRemoval('quorumAtRisk');
    }
  }

  /** Where `id` leads, leadership goes to another voter first. Where nobody takes it, the leader removes itself. */
  private async leadElsewhere(id: string, deadline: Deadline): Promise<void> {
    if ((await this.raft.waitForLeader(deadline)) !== id) {
      return;
    }
    try {
      await this.raft.handOver(null, deadline);
    } catch (error) {
      if (!(error instanceof NotHandedOverError)) {
        throw error;
      }
    }
  }

  private async requireCandidate(target: string | null, configuration: Configuration): Promise<void> {
    if (target !== null && configuration.member(target) === undefined) {
      throw new Problem('NOT_FOUND', 'No member has this id; leadership stays. GET /cluster lists them.');
    }
    if (target !== null && !configuration.isVoter(target)) {
      throw new Problem('CONFLICT', 'This member is a learner: it cannot lead before it is a voter. Leadership stays.');
    }
    const { leaderId } = this.raft.status();
    const others = configuration.voterIds.filter((id) => id !== leaderId);
    if (target !== leaderId && others.length === 0) {
      throw new Problem('CONFLICT', 'There is no other voter that could lead. Leadership stays.');
    }
    const progress = await this.raft.memberProgress();
    const known = progress?.find((member) => member.id === target);
    if (known?.healthy === false) {
      throw new Problem('CONFLICT', 'The leader does not hear this member: it cannot lead now. Leadership stays.');
    }
  }
}

function requireNodeId(id: string): void {
  if (!nodeIdSchema.safeParse(id).success) {
    throw new Problem('INVALID_PARAMETER', 'An id is 1 to 64 letters, digits, dots, underscores and hyphens.');
  }
}

function refusedRemoval(reason: RemovalRefusal): Problem {
  return new Problem(reason === 'unknownMember' ? 'NOT_FOUND' : 'CONFLICT', refusalDetails[reason]);
}

function notHandedOver(): Problem {
  return new Problem(
    'CONFLICT',
    'Nobody took leadership over in two election timeouts: who led leads on, or another node does. No write was lost. GET /cluster shows who leads and who is healthy.',
  );
}

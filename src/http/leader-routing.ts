import { Injectable } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import type { Answer } from './answer.js';
import type { ApiRequest } from './api-request.js';
import type { Deadline } from './deadline.js';
import { HttpSettings } from './http-settings.js';

/** Decides whether a request that the leader must answer is sent there by the client itself. */
@Injectable()
export class LeaderRouting {
  constructor(
    private readonly raft: RaftService,
    private readonly settings: HttpSettings,
  ) {}

  /**
   * 307 to the leader where the request or the setting asks for it; null where this node answers: it leads, or
   * forwarding is wanted. Waits for a leader while none is known.
   *
   * The address is the one that the leader was admitted with, never one that the client named.
   *
   * @throws NoLeaderError, StartingError.
   */
  async redirect(request: ApiRequest, deadline: Deadline): Promise<Answer | null> {
    const isWanted = request.query.optionalFlag('redirect') ?? this.settings.routing === 'redirect';
    if (!isWanted) {
      return null;
    }
    const leaderId = await this.raft.waitForLeader(deadline);
    const { nodeId, configuration } = this.raft.status();
    const leader = leaderId === nodeId ? undefined : configuration.member(leaderId);
    if (leader === undefined || leader.httpAddr === this.settings.haddr) {
      return null;
    }
    const location = `http://${leader.httpAddr}${originForm(request.target)}`;
    return { status: 307, headers: ['location', location, 'raftdb-known-leader', leader.id], body: null };
  }
}

/** Path and query of a request target, also of one that names a host (`GET http://host/path`). */
function originForm(target: string): string {
  if (target.startsWith('/')) {
    return target;
  }
  const path = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*(.*)$/.exec(target)?.[1] ?? '';
  return path.startsWith('/') ? path : `/${path}`;
}

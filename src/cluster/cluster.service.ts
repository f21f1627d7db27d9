import { Inject, Injectable } from '@nestjs/common';
import { describeDivergence } from '../consensus/describe-divergence.js';
import { failuresTolerated } from '../consensus/failures-tolerated.js';
import { RaftService } from '../consensus/raft.service.js';
import { unknownInstance } from '../consensus/raft-status.js';
import type { Divergence, MemberProgress, RaftStatus } from '../consensus/raft-status.js';
import { Deadline, HttpSettings, LeaderRouting, Problem, jsonAnswer, programVersion } from '../http/index.js';
import type { Answer, ApiRequest } from '../http/index.js';
import type { ClusterView, StatusView } from './dto/cluster.dto.js';
import { joined } from './joined.js';
import { readJoinBody } from './join-body.js';
import { maskSecrets } from './mask-secrets.js';
import { MembersFile } from './members-file.js';

/** Injection token of the settings in force, as `GET /status` shows them. */
export const SETTINGS_IN_FORCE = Symbol('SETTINGS_IN_FORCE');

type MemberView = ClusterView['members'][number];
type AlarmView = ClusterView['alarms'][number];

/** Shows the cluster as this node sees it, and lets nodes in. */
@Injectable()
export class ClusterService {
  constructor(
    private readonly raft: RaftService,
    private readonly routing: LeaderRouting,
    private readonly settings: HttpSettings,
    private readonly membersFile: MembersFile,
    @Inject(SETTINGS_IN_FORCE) private readonly settingsInForce: Readonly<Record<string, unknown>>,
  ) {}

  /** The members as this node sees them, and what the leader knows of them. */
  async cluster(): Promise<ClusterView> {
    const progress = await this.raft.memberProgress();
    const status = this.raft.status();
    return {
      clusterId: status.clusterId,
      nodeId: status.nodeId,
      leaderId: status.leaderId,
      term: status.term,
      commitIndex: status.commitIndex,
      appliedIndex: status.appliedIndex,
      revision: status.revision,
      checksum: status.checksum,
      failuresTolerated: failuresTolerated(status.configuration, progress),
      members: memberViews(status, progress),
      configurationIndex: status.configurationIndex,
      changes: changesInProgress(status),
      comparedIndex: status.findings.comparedIndex,
      alarms: status.findings.divergences.map(alarmView),
    };
  }

  /** Everything about this node that people ask for. */
  async status(): Promise<StatusView> {
    const sizes = await this.raft.storageSizes();
    const status = this.raft.status();
    const { rss, heapUsed } = process.memoryUsage();
    const { nodeId: id, instanceId, clusterId, phase, failure, exclusion } = status;
    const { role, term, leaderId, lastContactMs, commitIndex, appliedIndex } = status;
    return {
      version: programVersion,
      uptimeSeconds: Math.round(process.uptime()),
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      node: { id, instanceId, clusterId, phase, failure, exclusion },
      raft: {
        role,
        membership: membershipOf(status),
        term,
        leaderId,
        lastContactMs,
        commitIndex,
        appliedIndex,
        lagEntries: status.lagEntries,
        applyLag: Math.max(0, commitIndex - appliedIndex),
      },
      log: {
        firstIndex: status.firstLogIndex,
        lastIndex: status.lastLogIndex,
        durableIndex: status.durableIndex,
        durableTerm: status.durableTerm,
        snapshotIndex: status.snapshotIndex,
        bytes: status.logBytes,
      },
      store: { revision: status.revision, checksum: status.checksum },
      storage: {
        ...sizes,
        isFull: status.isStorageFull,
        isStalled: status.isStorageStalled,
      },
      events: [...this.raft.events],
      settings: maskSecrets(this.settingsInForce),
    };
  }

  /**
   * Lets a node in, or updates its addresses. Any node will do.
   *
   * @throws Problem INVALID_JSON, INVALID_PARAMETER, NOT_WANTED; ConsensusError.
   */
  async join(request: ApiRequest): Promise<Answer> {
    const { id, instanceId, httpAddr, raftAddr, clusterId, learner, replace } = readJoinBody(request.body);
    const { clusterId: ownClusterId } = this.raft.status();
    if (clusterId !== null && ownClusterId !== null && clusterId !== ownClusterId) {
      const detail = `The data of this node belong to cluster ${clusterId}, and this is ${ownClusterId}; nothing was changed. Set them aside and join with an empty directory.`;
      throw new Problem('CONFLICT', detail);
    }
    const deadline = new Deadline(request.query.timeoutMs(this.settings.requestTimeoutMs));
    const elsewhere = await this.routing.redirect(request, deadline);
    if (elsewhere !== null) {
      return elsewhere;
    }
    if (this.membersFile.hasNoPlaceFor(id) && !this.raft.status().configuration.knows(id, instanceId ?? '')) {
      throw new Problem('NOT_WANTED', `${this.membersFile.count ?? 0} members are wanted; nothing was changed.`);
    }
    const outcome = await this.raft.changeMembership(
      { kind: 'join', member: { id, instanceId, httpAddr, raftAddr, promote: !learner }, replace },
      deadline,
    );
    return jsonAnswer(joined(outcome));
  }
}

/** Null where this node, on these data, is no member. */
function membershipOf({ configuration, nodeId, instanceId }: RaftStatus): StatusView['raft']['membership'] {
  return configuration.knows(nodeId, instanceId) ? (configuration.member(nodeId)?.role ?? null) : null;
}

type Progress = readonly MemberProgress[] | null;

function memberViews({ configuration, leaderId }: RaftStatus, progress: Progress): MemberView[] {
  const lastIndex = Math.max(0, ...(progress ?? []).map(({ matchIndex }) => matchIndex));
  return configuration.members.map(({ id, instanceId, httpAddr, raftAddr, role }) => {
    const known = progress?.find((member) => member.id === id);
    return {
      id,
      instanceId,
      httpAddr,
      raftAddr,
      role: role === 'learner' ? role : id === leaderId ? 'leader' : 'follower',
      voter: role === 'voter',
      lagEntries: known === undefined ? null : lastIndex - known.matchIndex,
      matchIndex: known?.matchIndex ?? null,
      lastContactMs: known?.lastContactMs ?? null,
      healthy: known?.healthy ?? null,
    };
  });
}

function changesInProgress({ configuration, configurationIndex, commitIndex }: RaftStatus): ClusterView['changes'] {
  const list: ClusterView['changes'] = [];
  if (configurationIndex > commitIndex) {
    list.push({ kind: 'members', id: null, detail: `the list of entry ${configurationIndex} is not committed yet` });
  }
  for (const { id, instanceId, role, promote } of configuration.members) {
    if (role === 'learner' && promote) {
      const detail = instanceId === unknownInstance ? 'waits for its node to come' : 'catches up';
      list.push({ kind: 'promotion', id, detail });
    }
  }
  return list;
}

function alarmView(divergence: Divergence): AlarmView {
  return {
    code: 'STATE_DIVERGED',
    index: divergence.index,
    members: divergence.members.map(({ id }) => id),
    detail: describeDivergence(divergence),
    sinceMs: divergence.ageMs,
  };
}

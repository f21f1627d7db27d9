import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { exclusionWords } from '../consensus/raft-status.js';
import type { RaftStatus } from '../consensus/raft-status.js';
import type { HealthCheck } from './dto/health.dto.js';

/** Injection token of {@link HealthOptions}. */
export const HEALTH_OPTIONS = Symbol('HEALTH_OPTIONS');

export interface HealthOptions {
  /** Entries known to be committed that a ready node may not have applied yet. */
  readonly lagEntriesMax: number;
}

/** Whether this node should be sent requests. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private isOff = false;

  constructor(
    private readonly raft: RaftService,
    @Inject(HEALTH_OPTIONS) private readonly options: HealthOptions,
  ) {}

  /** From here on the node is not ready, for good. */
  turnOff(): void {
    this.isOff = true;
  }

  /** The first step of a shutdown: load balancers look away before leadership is handed over and requests drain. */
  onModuleDestroy(): void {
    this.turnOff();
  }

  /** All checks, whether they hold or not. Their texts name no node and no address. */
  async checks(): Promise<HealthCheck[]> {
    const { usedBytes } = await this.raft.storageSizes();
    const status = this.raft.status();
    return [
      check('process', !this.isOff && status.phase !== 'stopping', { ok: 'serving', failed: 'shutting down' }),
      storageCheck(status, usedBytes !== null),
      check('phase', status.phase === 'running', { ok: 'running', failed: status.phase }),
      check('leader', status.leaderId !== null, { ok: 'known', failed: 'unknown' }),
      lagCheck(status, this.options.lagEntriesMax),
      membershipCheck(status),
    ];
  }
}

/** A storage that failed or owes a write is known to; one that is idle is asked. At a start it is not open yet. */
function storageCheck({ failure, phase, isStorageStalled }: RaftStatus, doesAnswer: boolean): HealthCheck {
  if (failure !== null || phase === 'failed') {
    return check('storage', false, { ok: '', failed: 'failed' });
  }
  if (isStorageStalled) {
    return check('storage', false, { ok: '', failed: 'stalled' });
  }
  return check('storage', doesAnswer || phase === 'starting', { ok: 'works', failed: 'does not answer' });
}

/** A node that heard of nothing committed since its first start does not know how far it lags. */
function lagCheck({ commitIndex, lagEntries }: RaftStatus, lagEntriesMax: number): HealthCheck {
  const hasCaughtUp = commitIndex > 0 && lagEntries <= lagEntriesMax;
  const failed = commitIndex === 0 ? 'nothing was received yet' : `${lagEntries} entries are not applied yet`;
  return check('lag', hasCaughtUp, { ok: `${lagEntries} entries`, failed });
}

function membershipCheck(status: RaftStatus): HealthCheck {
  const { nodeId, instanceId, configuration, exclusion } = status;
  if (exclusion !== null) {
    return check('membership', false, { ok: '', failed: exclusionWords[exclusion] });
  }
  const member = configuration.knows(nodeId, instanceId) ? configuration.member(nodeId) : undefined;
  if (member === undefined) {
    return check('membership', false, { ok: '', failed: 'no member' });
  }
  const isWaiting = member.role === 'learner' && member.promote;
  return check('membership', !isWaiting, { ok: member.role, failed: 'learner that waits for its promotion' });
}

function check(name: string, ok: boolean, texts: { readonly ok: string; readonly failed: string }): HealthCheck {
  return { name, ok, detail: ok ? texts.ok : texts.failed };
}

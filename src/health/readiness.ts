import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { exclusionWords } from '../consensus/raft-status.js';
import type { RaftStatus } from '../consensus/raft-status.js';
import type { HealthCheck } from './dto/health.dto.js';

/** Entries that a learner for good may lag behind: it always lags a little while writes go on. */
const LEARNER_LAG_ENTRIES_MAX = 1000;

/** Whether this node should be sent requests. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private isOff = false;

  constructor(private readonly raft: RaftService) {}

  /** From here on the node is not ready, for good. */
  turnOff(): void {
    this.isOff = true;
  }

  /** The first step of a shutdown: load balancers look away before leadership is handed over and requests drain. */
  onModuleDestroy(): void {
    this.turnOff();
  }

  /** All checks, whether they hold or not. Their texts name no node and no address. */
  checks(): HealthCheck[] {
    const status = this.raft.status();
    return [
      check('process', !this.isOff && status.phase !== 'stopping', { ok: 'serving', failed: 'shutting down' }),
      storageCheck(status),
      check('phase', status.phase === 'running', { ok: 'running', failed: status.phase }),
      check('leader', status.leaderId !== null, { ok: 'known', failed: 'unknown' }),
      membershipCheck(status),
    ];
  }
}

function storageCheck({ failure, phase, isStorageStalled }: RaftStatus): HealthCheck {
  const isLost = failure !== null || phase === 'failed';
  return check('storage', !isLost && !isStorageStalled, { ok: 'works', failed: isLost ? 'failed' : 'stalled' });
}

function membershipCheck(status: RaftStatus): HealthCheck {
  const { nodeId, instanceId, configuration, commitIndex, appliedIndex, exclusion } = status;
  if (exclusion !== null) {
    return check('membership', false, { ok: '', failed: exclusionWords[exclusion] });
  }
  const member = configuration.knows(nodeId, instanceId) ? configuration.member(nodeId) : undefined;
  if (member === undefined) {
    return check('membership', false, { ok: '', failed: 'no member' });
  }
  if (member.role === 'voter') {
    return check('membership', true, { ok: 'voter', failed: '' });
  }
  if (member.promote) {
    return check('membership', false, { ok: '', failed: 'learner that waits for its promotion' });
  }
  const hasCaughtUp = commitIndex > 0 && commitIndex - appliedIndex <= LEARNER_LAG_ENTRIES_MAX;
  return check('membership', hasCaughtUp, { ok: 'learner', failed: 'learner that lags behind' });
}

function check(name: string, ok: boolean, texts: { readonly ok: string; readonly failed: string }): HealthCheck {
  return { name, ok, detail: ok ? texts.ok : texts.failed };
}

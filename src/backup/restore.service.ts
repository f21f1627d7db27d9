import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ConsensusError } from '../consensus/consensus.errors.js';
import { RaftService } from '../consensus/raft.service.js';
import { HttpSettings, Problem, jsonAnswer } from '../http/index.js';
import type { Answer, ApiRequest } from '../http/index.js';
import { idempotencyOf } from '../key/idempotency.js';
import { resultAnswer } from '../key/key-answers.js';
import { MalformedBytesError } from '../lib/bytes.js';
import { encodeCommand } from '../state-machine/index.js';
import type { CommandResult, Idempotency, RestoreCommand } from '../state-machine/index.js';
import { bodyPieces } from './body-pieces.js';
import { revisionBump } from './revision-bump.js';
import { RestoreSteps } from './restore-steps.js';

/** A step is tried again while the cluster has no leader or is overloaded, for so long, in milliseconds. */
const patienceMs = 30_000;
const pauseMs = 200;

/** A restore that takes longer says how far it is, at this interval, in milliseconds. */
const progressMs = 5000;

/** Errors of consensus after which the same step is sent again: none of them takes effect twice. */
const passingCodes = ['NO_LEADER', 'OVERLOADED', 'OUTCOME_UNKNOWN', 'STARTING'];

/** The connection cannot go on behind a body that was not read to its end. */
const closing = { headers: { connection: 'close' } };

/** Replaces all keys of the running cluster by those of a backup. */
@Injectable()
export class RestoreService {
  private readonly logger = new Logger('Restore');

  constructor(
    private readonly raft: RaftService,
    private readonly settings: HttpSettings,
  ) {}

  /**
   * Stages the keys of the backup in `body` through the log and puts them in force with one command, so that nobody
   * sees a part of them. Nothing is changed where the backup is damaged.
   *
   * @throws Problem, ConsensusError.
   */
  async restore(request: ApiRequest, body: Readable): Promise<Answer> {
    const id = randomUUID();
    // What is wrong with the headers is said before the body is read.
    this.idempotency(request, id, new Uint8Array(0));
    const steps = new RestoreSteps(id, revisionBump);
    try {
      const revision = await this.run(request, steps, body);
      this.logger.log(`${steps.keyCount} keys were restored, the revision is ${revision}`);
      return jsonAnswer({ revision, keys: steps.keyCount });
    } catch (error) {
      await this.giveUp(id);
      throw error instanceof MalformedBytesError ? new Problem('INVALID_BACKUP', sentence(error), closing) : error;
    }
  }

  /** @returns The revision at which the keys are in force. */
  private async run(request: ApiRequest, steps: RestoreSteps, body: Readable): Promise<number> {
    let shownMs = performance.now();
    for await (const piece of bodyPieces(body, this.settings.bodyPauseMs)) {
      for (const step of steps.add(piece)) {
        requireStaged(await this.send(step, null));
      }
      if (performance.now() - shownMs > progressMs) {
        shownMs = performance.now();
        this.logger.log(`restoring: ${steps.keyCount} of ${steps.keyTotal ?? 0} keys`);
      }
    }
    for (const step of steps.end()) {
      if (step.step === 'commit') {
        return written(await this.send(step, this.idempotency(request, step.id, steps.digest)));
      }
      requireStaged(await this.send(step, null));
    }
    throw new Error('a restore ends with its commit');
  }

  /** The client's, or one of this request: the last step may be sent more than once. */
  private idempotency(request: ApiRequest, id: string, digest: Uint8Array): Idempotency {
    const retentionMs = this.settings.idempotencyRetentionMs;
    const wanted = { resource: '/restore', condition: null, retentionMs };
    const fingerprint = Buffer.from(digest).toString('base64url');
    return idempotencyOf({ ...request, body: digest }, wanted) ?? { key: `restore-${id}`, fingerprint, retentionMs };
  }

  private async send(command: RestoreCommand, idempotency: Idempotency | null): Promise<CommandResult> {
    const data = encodeCommand({ idempotency, command });
    const endMs = performance.now() + patienceMs;
    for (;;) {
      try {
        // What consensus carries for this module are commands of the key-value store, and their results come back.
        return (await this.raft.propose(data, { timeoutMs: this.settings.requestTimeoutMs })) as CommandResult;
      } catch (error) {
        const isPassing = error instanceof ConsensusError && passingCodes.includes(error.code);
        if (!isPassing || performance.now() > endMs) {
          throw error;
        }
      }
      await sleep(pauseMs);
    }
  }

  /** What is staged goes by itself after a while where nobody can be told. */
  private async giveUp(id: string): Promise<void> {
    const data = encodeCommand({ idempotency: null, command: { kind: 'restore', id, step: 'abort' } });
    await this.raft.propose(data, { timeoutMs: this.settings.requestTimeoutMs }).catch(() => undefined);
  }
}

function requireStaged(result: CommandResult): void {
  if (result.kind !== 'staged') {
    throw refusal(result);
  }
}

function written(result: CommandResult): number {
  if (result.kind !== 'written') {
    throw refusal(result);
  }
  return result.revision;
}

/** @returns Why a step was not taken; the keys in force are the same. */
function refusal(result: CommandResult): Problem {
  if (result.kind !== 'restoreRefused') {
    resultAnswer(result, false);
  }
  const isStructural = result.kind === 'restoreRefused' && ['damaged', 'outOfOrder'].includes(result.reason);
  return isStructural
    ? new Problem(
        'INVALID_BACKUP',
        'The backup cannot be used: its keys are not in order; nothing was changed.',
        closing,
      )
    : new Problem(
        'RESTORE_SUPERSEDED',
        'Another restore has begun since, or this one stood still for ten minutes; nothing was changed.',
        closing,
      );
}

function sentence(error: Error): string {
  return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}; nothing was changed.`;
}

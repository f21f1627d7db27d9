import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ConsensusError, OutcomeUnknownError } from '../consensus/consensus.errors.js';
import { RaftService } from '../consensus/raft.service.js';
import { HttpSettings, Problem, jsonAnswer } from '../http/index.js';
import type { Answer, ApiRequest } from '../http/index.js';
import { idempotencyOf, idempotencyProblem } from '../key/idempotency.js';
import { MalformedBytesError } from '../lib/bytes.js';
import { revisionBump } from '../lib/revision-bump.js';
import { encodeCommand } from '../state-machine/index.js';
import type { CommandResult, Idempotency, RestoreCommand } from '../state-machine/index.js';
import { bodyPieces } from './body-pieces.js';
import { refusalTexts } from './restore-refusal.js';
import { RestoreSteps } from './restore-steps.js';

/** A step is tried again while the cluster has no leader or is overloaded, for so long, in milliseconds. */
const leaderlessMsMax = 30_000;
const pauseMs = 200;

/** A restore that takes longer says how far it is, at this interval, in milliseconds. */
const progressMs = 5000;

/** Errors of consensus after which the same step is sent again: none of them takes effect twice. */
const passingCodes = ['NO_LEADER', 'OVERLOADED', 'OUTCOME_UNKNOWN', 'STARTING'];

/** Replaces all keys of the running cluster by those of a backup. */
@Injectable()
export class RestoreService {
  private readonly logger = new Logger('Restore');
  /** One at a time: each holds a part of its backup in memory. */
  private isBusy = false;

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
    if (this.isBusy) {
      throw new Problem('OVERLOADED', 'A restore is under way at this node. Retry later.');
    }
    const id = randomUUID();
    // What is wrong with the headers is said before the body is read.
    this.idempotency(request, id, new Uint8Array(0));
    const steps = new RestoreSteps(id, revisionBump);
    this.isBusy = true;
    try {
      const revision = await this.run(request, steps, body);
      this.logger.log(`${steps.keyCount} keys were restored, the revision is ${revision}`);
      return jsonAnswer({ revision, keys: steps.keyCount });
    } catch (error) {
      if (steps.hasBegun) {
        await this.giveUp(id);
      }
      throw error instanceof MalformedBytesError ? new Problem('INVALID_BACKUP', sentence(error.message)) : error;
    } finally {
      this.isBusy = false;
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

  /**
   * Proposes a step until it is taken or refused.
   *
   * @throws OutcomeUnknownError where an earlier try of the last step may have taken effect, whatever the later ones say.
   */
  private async send(command: RestoreCommand, idempotency: Idempotency | null): Promise<CommandResult> {
    const data = encodeCommand({ idempotency, command });
    this.requireSendable(data.length);
    const endMs = performance.now() + leaderlessMsMax;
    let unknown: ConsensusError | null = null;
    for (;;) {
      try {
        // What consensus carries for this module are commands of the key-value store, and their results come back.
        return (await this.raft.propose(data, { timeoutMs: this.settings.requestTimeoutMs })) as CommandResult;
      } catch (error) {
        if (command.step === 'commit' && error instanceof OutcomeUnknownError) {
          unknown = error;
        }
        const isPassing = error instanceof ConsensusError && passingCodes.includes(error.code);
        if (!isPassing || performance.now() > endMs) {
          throw unknown ?? error;
        }
      }
      await sleep(pauseMs);
    }
  }

  /** A step that no message to a peer can carry would stay in the log for ever, and everything behind it would wait. */
  private requireSendable(bytes: number): void {
    const { commandBytesMax } = this.settings;
    if (bytes > commandBytesMax) {
      throw new Problem(
        'VALUE_TOO_LARGE',
        `A part of the backup has ${bytes} bytes, this cluster carries ${commandBytesMax}: raise frame-bytes-max and proposals-pending-bytes-max on every node. Nothing was changed.`,
      );
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
function refusal(result: CommandResult): Error {
  switch (result.kind) {
    case 'restoreRefused': {
      const code = result.reason === 'unknown' ? 'RESTORE_SUPERSEDED' : 'INVALID_BACKUP';
      return new Problem(code, sentence(refusalTexts[result.reason]));
    }
    case 'idempotencyKeyReused':
    case 'idempotencyTableFull':
      return idempotencyProblem(result.kind);
    default:
      return new Error(`a step of a restore ended as ${result.kind}`);
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; nothing was changed.`;
}

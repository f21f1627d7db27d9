import { Injectable } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import type { ReadLevel } from '../consensus/raft.service.js';
import { Deadline, HttpSettings, LeaderRouting, Problem } from '../http/index.js';
import type { Answer, ApiRequest, HeaderList } from '../http/index.js';
import { encodeCommand, KeyValueStore } from '../state-machine/index.js';
import type { Command, CommandResult, Condition } from '../state-machine/index.js';
import { isKnownVersion, refuseCondition, writeCondition } from './conditions.js';
import { idempotencyOf } from './idempotency.js';
import { countAnswer, keyAnswer, notModifiedAnswer, rangeAnswer, resultAnswer } from './key-answers.js';
import { membersOf, valueOf } from './key-body.js';
import { checkedPrefix } from './key-path.js';
import { keyForm, listOptions, readOptions } from './read-options.js';
import type { ReadOptions } from './read-options.js';

/** Ends a page before the keys and values in it are longer than this, in bytes: an answer is made in memory. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

/** Reads and writes keys. Every method throws `Problem` or `ConsensusError` where it cannot answer. */
@Injectable()
export class KeyService {
  constructor(
    private readonly raft: RaftService,
    private readonly store: KeyValueStore,
    private readonly routing: LeaderRouting,
    private readonly settings: HttpSettings,
  ) {}

  /** One key as its level promises. */
  async read(key: string, request: ApiRequest): Promise<Answer> {
    const form = keyForm(request.query);
    const options = readOptions(request.query, this.settings.requestTimeoutMs);
    const elsewhere = await this.redirectRead(request, options);
    if (elsewhere !== null) {
      return elsewhere;
    }
    await this.untilReadable(options);
    // From here on everything is read in one turn: the answer is of one revision.
    const headers = this.readHeaders(options.level);
    const stored = this.store.get(key);
    if (stored === undefined) {
      throw new Problem('KEY_NOT_FOUND', 'Nothing is stored under this key.', { headers });
    }
    return isKnownVersion(request, stored.modRevision)
      ? notModifiedAnswer(stored, headers)
      : keyAnswer({ key, stored, form, headers });
  }

  /** A page of the keys that begin with a prefix, or their number. */
  async list(request: ApiRequest): Promise<Answer> {
    const { prefix, after, limit, keysOnly, countOnly } = listOptions(request.query);
    const options = readOptions(request.query, this.settings.requestTimeoutMs);
    const elsewhere = await this.redirectRead(request, options);
    if (elsewhere !== null) {
      return elsewhere;
    }
    await this.untilReadable(options);
    const headers = this.readHeaders(options.level);
    const revision = this.store.revision();
    if (countOnly) {
      return countAnswer(this.store.count(prefix), revision, headers);
    }
    const range = this.store.range({ prefix, after, limit, bytesMax: PAGE_BYTES_MAX, keysOnly });
    return rangeAnswer({ range, keysOnly, revision, headers });
  }

  /** Writes all members of the body in one step. */
  putMany(request: ApiRequest): Promise<Answer> {
    refuseCondition(request);
    const entries = membersOf(request.body, this.settings.valueBytesMax);
    return this.write({ request, resource: '/key', command: { kind: 'put', entries, condition: null } });
  }

  /** Writes the body as the value of one key. */
  putOne(key: string, request: ApiRequest): Promise<Answer> {
    const condition = writeCondition(request);
    const value = valueOf(request.body, this.settings.valueBytesMax);
    return this.writeOne(key, request, { kind: 'put', entries: [{ key, value }], condition });
  }

  /** Deletes one key. */
  deleteOne(key: string, request: ApiRequest): Promise<Answer> {
    return this.writeOne(key, request, { kind: 'delete', key, condition: writeCondition(request) });
  }

  /** Deletes all keys that begin with a prefix, in one step. */
  deletePrefix(request: ApiRequest): Promise<Answer> {
    refuseCondition(request);
    const prefix = checkedPrefix(request.query.text('prefix') ?? '');
    if (prefix === '') {
      throw new Problem('INVALID_PARAMETER', 'Give the prefix of the keys to delete; the empty one is refused.');
    }
    return this.write({ request, resource: '/key', command: { kind: 'deletePrefix', prefix } });
  }

  private writeOne(
    key: string,
    request: ApiRequest,
    command: Command & { condition: Condition | null },
  ): Promise<Answer> {
    return this.write({ request, resource: `/key/${key}`, command, condition: command.condition });
  }

  private async write(write: {
    readonly request: ApiRequest;
    /** What is written, spelled the one way that all its paths decode to. */
    readonly resource: string;
    readonly command: Command;
    readonly condition?: Condition | null;
  }): Promise<Answer> {
    const { request, resource, command, condition = null } = write;
    const idempotency = idempotencyOf(request, {
      resource,
      condition,
      retentionMs: this.settings.idempotencyRetentionMs,
    });
    const deadline = new Deadline(request.query.timeoutMs(this.settings.requestTimeoutMs));
    const elsewhere = await this.routing.redirect(request, deadline);
    if (elsewhere !== null) {
      return elsewhere;
    }
    // What consensus carries for this module are commands of the key-value store, and their results come back.
    const result = (await this.raft.propose(encodeCommand({ idempotency, command }), deadline)) as CommandResult;
    return resultAnswer(result, command.kind === 'put' && resource !== '/key');
  }

  private async redirectRead(request: ApiRequest, { level, deadline }: ReadOptions): Promise<Answer | null> {
    return level === 'stale' ? null : this.routing.redirect(request, deadline);
  }

  /** Resolves when the store may be read, in the turn in which it does. */
  private async untilReadable({ level, minRevision, deadline }: ReadOptions): Promise<void> {
    await this.raft.read(level, deadline);
    if (this.store.revision() < minRevision) {
      await this.raft.waitForRevision(minRevision, deadline);
    }
  }

  /** What a read says about itself; a stale one leaves out what the node does not know. */
  private readHeaders(level: ReadLevel): HeaderList {
    const revision = String(this.store.revision());
    const headers = ['raftdb-consistency', level, 'raftdb-revision', revision, 'raftdb-served-by', this.settings.id];
    if (level === 'stale') {
      const { lastContactMs, leaderId } = this.raft;
      if (lastContactMs !== null) {
        headers.push('raftdb-last-contact-ms', String(Math.round(lastContactMs)));
      }
      if (leaderId !== null) {
        headers.push('raftdb-known-leader', leaderId);
      }
    }
    return headers;
  }
}

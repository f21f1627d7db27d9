import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { HttpSettings, LeaderRouting, Problem } from '../http/index.js';
import type { Answer, ApiRequest, Headers } from '../http/index.js';
import { readOptions } from '../key/read-options.js';
import { KeyValueStore } from '../state-machine/index.js';
import { backupPieces } from './backup-file.js';

/** Each keeps the state as it was alive. */
const backupsMax = 2;

/** A client that takes nothing for so long is gone, in milliseconds. */
const patienceMs = 60_000;

/** A backup that is being sent. */
export interface BackupAnswer {
  readonly headers: Headers;
  readonly body: Readable;
}

/** Makes backups of all keys as they are at one moment, while others write. */
@Injectable()
export class BackupService {
  private underWay = 0;

  constructor(
    private readonly raft: RaftService,
    private readonly store: KeyValueStore,
    private readonly routing: LeaderRouting,
    private readonly settings: HttpSettings,
  ) {}

  /** All keys, linearizable unless another level is asked for. @throws Problem, ConsensusError. */
  async backup(request: ApiRequest): Promise<BackupAnswer | Answer> {
    const { level, deadline } = readOptions(request.query, this.settings.requestTimeoutMs, 'consistent');
    const elsewhere = level === 'stale' ? null : await this.routing.redirect(request, deadline);
    if (elsewhere !== null) {
      return elsewhere;
    }
    if (this.underWay >= backupsMax) {
      throw new Problem('OVERLOADED', `${backupsMax} backups are under way at this node. Retry later.`);
    }
    await this.raft.read(level, deadline);
    const clusterId = this.raft.status().clusterId ?? '';
    const contents = this.store.backup();
    const body = Readable.from(backupPieces({ clusterId, createdMs: Date.now() }, contents), { objectMode: false });
    this.watch(body);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="raftdb-${contents.revision}.backup"`,
      'raftdb-consistency': level,
      'raftdb-revision': String(contents.revision),
      'raftdb-served-by': this.settings.id,
      'raftdb-cluster-id': clusterId,
    };
    return { headers, body };
  }

  private watch(body: Readable): void {
    this.underWay += 1;
    const timer = setTimeout(() => {
      body.destroy(new Error('the client takes nothing'));
    }, patienceMs);
    const push = body.push.bind(body);
    body.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      timer.refresh();
      return push(chunk, encoding);
    };
    body.once('close', () => {
      clearTimeout(timer);
      this.underWay -= 1;
    });
  }
}

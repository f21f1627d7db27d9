import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import type { ReadLevel } from '../consensus/raft.service.js';
import { Deadline, HttpSettings, LeaderRouting, Problem } from '../http/index.js';
import type { Answer, ApiRequest, HeaderList } from '../http/index.js';
import { readOptions } from '../key/read-options.js';
import { KeyValueStore } from '../state-machine/index.js';
import type { BackupContents } from '../state-machine/index.js';
import { backupPieces } from './backup-file.js';

/** Each keeps the state as it was alive. */
const backupsMax = 2;

/** A client that takes nothing for so long is gone, in milliseconds. */
const idleMsMax = 60_000;

/** A backup that is being sent. */
export interface BackupAnswer {
  readonly headers: HeaderList;
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
    const contents = await this.reserve(() => this.contents(level, deadline));
    const clusterId = this.raft.status().clusterId ?? '';
    const headers = [
      'content-type',
      'application/octet-stream',
      'content-disposition',
      `attachment; filename="raftdb-${contents.revision}.backup"`,
      'raftdb-consistency',
      level,
      'raftdb-revision',
      String(contents.revision),
      'raftdb-served-by',
      this.settings.id,
      'raftdb-cluster-id',
      clusterId,
    ];
    if (request.method === 'HEAD') {
      this.underWay -= 1;
      return { status: 200, headers, body: null };
    }
    return { headers, body: this.stream(backupPieces({ clusterId, createdMs: Date.now() }, contents)) };
  }

  private async contents(level: ReadLevel, deadline: Deadline): Promise<BackupContents> {
    await this.raft.read(level, deadline);
    return this.store.backup();
  }

  /** Takes a place among the backups under way, which is given back where `make` fails. */
  private async reserve<T>(make: () => Promise<T>): Promise<T> {
    if (this.underWay >= backupsMax) {
      throw new Problem('OVERLOADED', `${backupsMax} backups are under way at this node. Retry later.`);
    }
    this.underWay += 1;
    try {
      return await make();
    } catch (error) {
      this.underWay -= 1;
      throw error;
    }
  }

  /** Gives the place back once all was sent, or its client takes nothing more. */
  private stream(pieces: AsyncIterable<Uint8Array>): Readable {
    const timer = setTimeout(() => {
      body.destroy(new Error('the client takes nothing'));
    }, idleMsMax);
    async function* watched(): AsyncGenerator<Uint8Array, void> {
      for await (const piece of pieces) {
        timer.refresh();
        yield piece;
      }
    }
    const body = Readable.from(watched(), { objectMode: false });
    body.once('close', () => {
      clearTimeout(timer);
      this.underWay -= 1;
    });
    return body;
  }
}

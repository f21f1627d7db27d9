import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Between, In, MoreThan, Repository } from 'typeorm';
import type { QueryRunner } from 'typeorm';
import { assert } from '../lib/assert.js';
import { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { SnapshotDraft } from '../ports/snapshot-store.port.js';
import type { InstanceId, LogIndex, SnapshotMetadata } from '../raft/index.js';
import { SNAPSHOT_DATA_SOURCE, SNAPSHOT_SESSION } from './data-source.js';
import { SnapshotChunkEntity } from './entities/snapshot-chunk.entity.js';
import { SnapshotOwnerEntity } from './entities/snapshot-owner.entity.js';
import { SnapshotEntity } from './entities/snapshot.entity.js';
import { chunkChecksum, draftColumns, requireKnownFormat, toColumns, toMetadata } from './snapshot-record.js';
import { SqlSession } from './sql-session.js';
import { StorageWarnings } from './storage-warnings.js';
import { StorageError, corrupt } from './storage.errors.js';
import type { FoundLog } from './typeorm-batch-store.js';

/** Complete snapshots that are kept: the newest, and one to fall back to. */
const generationsMax = 2;

/** Chunks that one task checks or deletes, so that other work passes in between. */
const chunksPerSlice = 16;

/** Chunks that one query of a proof reads, a MiB: putting the query together takes as long as reading one of them. */
const chunksPerQuery = 4;

interface Draft {
  readonly id: number;
  nextChunk: number;
  byteCount: number;
}

/**
 * Snapshots in a SQL database, one row a chunk. The newest is the one with the highest index: a local snapshot that
 * ends after a later one was received does not take its place.
 *
 * Only a commit waits for the disk. The chunks of a draft ride with it, and so does the deletion of old snapshots.
 */
@Injectable()
export class TypeormSnapshotStore extends SnapshotStore {
  private readonly drafts = new Map<SnapshotDraft, Draft>();
  /** Ids of complete snapshots whose chunks all match: made by this process, or checked by it. */
  private readonly proved = new Set<number>();
  /** Ids of complete snapshots that are no use. */
  private readonly damaged = new Set<number>();
  private nextId = 1;

  constructor(
    @Inject(SNAPSHOT_SESSION) private readonly session: SqlSession,
    @Inject(StorageWarnings) private readonly warnings: StorageWarnings,
    @InjectRepository(SnapshotEntity, SNAPSHOT_DATA_SOURCE) private readonly snapshots: Repository<SnapshotEntity>,
    @InjectRepository(SnapshotChunkEntity, SNAPSHOT_DATA_SOURCE)
    private readonly chunks: Repository<SnapshotChunkEntity>,
    @InjectRepository(SnapshotOwnerEntity, SNAPSHOT_DATA_SOURCE)
    private readonly owners: Repository<SnapshotOwnerEntity>,
  ) {
    super();
  }

  /**
   * Makes sure that the snapshots and a log belong together, and that a whole one holds what the log lacks. Changes
   * nothing.
   *
   * @throws StorageError CORRUPT or NEWER_VERSION.
   */
  async requireFit({ instanceId, base }: FoundLog): Promise<void> {
    await this.session.run(async (runner) => {
      const owner = await runner.manager.withRepository(this.owners).findOneBy({ id: 1 });
      if (owner !== null && owner.instanceId !== instanceId) {
        throw corrupt('the snapshots belong to another log, which is missing');
      }
      (await this.complete(runner)).forEach(requireKnownFormat);
    });
    const newest = await this.latest();
    if ((newest?.lastIncludedIndex ?? 0) < base.index) {
      throw corrupt(`the log begins after entry ${base.index} and no whole snapshot holds what came before`);
    }
  }

  /** Takes the snapshots of `instanceId`, which {@link requireFit} has found to fit, into use; drops what a crash left. */
  async open(instanceId: InstanceId): Promise<void> {
    await this.session.run(async (runner) => {
      const owners = runner.manager.withRepository(this.owners);
      const owner = await owners.findOneBy({ id: 1 });
      const snapshots = runner.manager.withRepository(this.snapshots);
      const rows = await snapshots.find();
      const ids = rows.map((row) => row.id);
      const stray = (await this.idsOfChunks(runner)).filter((id) => !ids.includes(id));
      await this.session.transaction(0, async () => {
        if (owner === null) {
          await owners.insert({ id: 1, instanceId });
        }
        for (const id of stray) {
          await snapshots.insert({ id, state: 'dropped', ...draftColumns });
        }
        await this.drop(
          runner,
          rows.filter((row) => row.state !== 'complete').map((row) => row.id),
        );
      });
      await this.session.dialect.setDurable(runner, false);
      this.nextId = Math.max(0, ...ids, ...stray) + 1;
      this.drafts.clear();
    });
    this.scheduleSweep();
  }

  async latest(): Promise<SnapshotMetadata | null> {
    const candidates = await this.session.run((runner) => this.complete(runner));
    for (const row of candidates) {
      const metadata = await this.prove(row);
      if (metadata !== null) {
        return metadata;
      }
      if (!this.damaged.has(row.id)) {
        return this.latest();
      }
    }
    if (this.damaged.size > 0) {
      throw corrupt('no snapshot is whole');
    }
    return null;
  }

  async begin(draft: SnapshotDraft): Promise<void> {
    await this.session.run(async (runner) => {
      const id = this.nextId;
      this.nextId += 1;
      await this.session.transaction(0, async () => {
        await this.forget(runner, draft);
        await runner.manager.withRepository(this.snapshots).insert({ id, state: draft, ...draftColumns });
      });
      this.drafts.set(draft, { id, nextChunk: 0, byteCount: 0 });
    });
    this.scheduleSweep();
  }

  async write(draft: SnapshotDraft, chunk: number, data: Uint8Array): Promise<void> {
    await this.session.run(async (runner) => {
      const open = this.openDraft(draft);
      assert(chunk === open.nextChunk, `chunk ${open.nextChunk} of the snapshot is due, not ${chunk}`);
      const checksum = chunkChecksum({ snapshotId: open.id, chunk }, data);
      await this.session.transaction(data.length, async () => {
        const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        await runner.manager.withRepository(this.chunks).insert({ snapshotId: open.id, chunk, checksum, data: bytes });
      });
      open.nextChunk += 1;
      open.byteCount += data.length;
    });
  }

  async commit(draft: SnapshotDraft, metadata: SnapshotMetadata): Promise<void> {
    await this.session.run(async (runner) => {
      const { id, nextChunk, byteCount } = this.openDraft(draft);
      assert(nextChunk > 0 && nextChunk === metadata.chunkCount, 'a snapshot has the chunks that it claims');
      assert(byteCount === metadata.byteCount, 'a snapshot has the bytes that it claims');
      await this.session.dialect.setDurable(runner, true);
      await this.session.transaction(0, async () => {
        const snapshots = runner.manager.withRepository(this.snapshots);
        await snapshots.update({ id }, { state: 'complete', ...toColumns(id, metadata) });
        await this.drop(runner, await this.outdated(runner));
      });
      await this.session.dialect.setDurable(runner, false);
      this.drafts.delete(draft);
      this.proved.add(id);
    });
    this.scheduleSweep();
  }

  async discard(draft: SnapshotDraft): Promise<void> {
    await this.session.run((runner) => this.session.transaction(0, () => this.forget(runner, draft)));
    this.scheduleSweep();
  }

  read(index: LogIndex, chunk: number): Promise<Uint8Array | null> {
    return this.session.run(async (runner) => {
      const row = (await this.complete(runner)).find((candidate) => candidate.lastIncludedIndex === index);
      if (row === undefined || chunk < 0 || chunk >= row.chunkCount) {
        return null;
      }
      const found = await runner.manager.withRepository(this.chunks).findOneBy({ snapshotId: row.id, chunk });
      return requireChunk(row, chunk, found);
    });
  }

  /** Waits for the calls that were made, then disconnects. */
  async close(): Promise<void> {
    await this.session.close();
  }

  private openDraft(draft: SnapshotDraft): Draft {
    const open = this.drafts.get(draft);
    assert(open !== undefined, `no ${draft} snapshot was begun`);
    return open;
  }

  private async forget(runner: QueryRunner, draft: SnapshotDraft): Promise<void> {
    const open = this.drafts.get(draft);
    this.drafts.delete(draft);
    await this.drop(runner, open === undefined ? [] : [open.id]);
  }

  /** Complete snapshots that are not known to be damaged, newest first. */
  private async complete(runner: QueryRunner): Promise<SnapshotEntity[]> {
    const rows = await runner.manager
      .withRepository(this.snapshots)
      .find({ where: { state: 'complete' }, order: { lastIncludedIndex: 'DESC', id: 'DESC' } });
    return rows.filter((row) => !this.damaged.has(row.id));
  }

  /** Ids under which chunks are stored; one without a row, which somebody removed, must not be used again. */
  private async idsOfChunks(runner: QueryRunner): Promise<number[]> {
    const chunks = runner.manager.withRepository(this.chunks).createQueryBuilder('chunk');
    const rows = await chunks.select('DISTINCT chunk.snapshotId', 'id').getRawMany<{ readonly id: number | string }>();
    return rows.map((row) => Number(row.id));
  }

  /** Ids that fall out: beyond the generations to keep, damaged, or replaced by a later one at the same index. */
  private async outdated(runner: QueryRunner): Promise<number[]> {
    const rows = await this.complete(runner);
    const distinct = rows.filter((row, place) => row.lastIncludedIndex !== rows[place - 1]?.lastIncludedIndex);
    const kept = new Set(distinct.slice(0, generationsMax).map((row) => row.id));
    return [...rows.map((row) => row.id).filter((id) => !kept.has(id)), ...this.damaged];
  }

  /** Makes snapshots invisible at once; their chunks are deleted piece by piece. */
  private async drop(runner: QueryRunner, ids: readonly number[]): Promise<void> {
    if (ids.length > 0) {
      await runner.manager.withRepository(this.snapshots).update({ id: In(ids) }, { state: 'dropped' });
    }
  }

  /** @returns The metadata, or null when the snapshot is damaged, which is reported, or was replaced meanwhile. */
  private async prove(row: SnapshotEntity): Promise<SnapshotMetadata | null> {
    try {
      const metadata = toMetadata(row);
      if (!this.proved.has(row.id)) {
        await this.proveChunks(row);
        this.proved.add(row.id);
      }
      return metadata;
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'CORRUPT') {
        throw error;
      }
      const remaining = await this.session.run((runner) => this.complete(runner));
      if (!remaining.some((other) => other.id === row.id)) {
        return null;
      }
      this.damaged.add(row.id);
      this.warnings.warn(`the snapshot at entry ${row.lastIncludedIndex} is not used: ${error.message}`);
      return null;
    }
  }

  private async proveChunks(row: SnapshotEntity): Promise<void> {
    let bytes = 0;
    await this.onProof({ kind: 'begin', index: row.lastIncludedIndex });
    for (let from = 0; from < row.chunkCount; from += chunksPerSlice) {
      bytes += await this.session.run((runner) => this.proveSlice(runner, row, from));
      await setImmediate();
    }
    if (bytes !== row.byteCount) {
      throw corrupt(`the snapshot at entry ${row.lastIncludedIndex} is not whole`);
    }
    await this.onProof({ kind: 'end' });
  }

  private async proveSlice(runner: QueryRunner, row: SnapshotEntity, from: number): Promise<number> {
    const until = Math.min(row.chunkCount, from + chunksPerSlice);
    let bytes = 0;
    for (let first = from; first < until; first += chunksPerQuery) {
      bytes += await this.proveChunksOf(runner, row, { from: first, until: Math.min(until, first + chunksPerQuery) });
    }
    return bytes;
  }

  private async proveChunksOf(
    runner: QueryRunner,
    row: SnapshotEntity,
    { from, until }: { readonly from: number; readonly until: number },
  ): Promise<number> {
    const found = await runner.manager
      .withRepository(this.chunks)
      .find({ where: { snapshotId: row.id, chunk: Between(from, until - 1) }, order: { chunk: 'ASC' } });
    let bytes = 0;
    for (let chunk = from; chunk < until; chunk += 1) {
      const data = requireChunk(row, chunk, found.find((each) => each.chunk === chunk) ?? null);
      bytes += data.length;
      await this.onProof({ kind: 'chunk', data });
    }
    return bytes;
  }

  /** A sweep that fails is repeated after the next change or start. */
  private scheduleSweep(): void {
    this.sweep().catch(() => undefined);
  }

  private async sweep(): Promise<void> {
    await this.session.runSlices((runner) => this.sweepSlice(runner));
    await this.session.giveBackSpace();
  }

  /** @returns Whether there is more to delete. */
  private async sweepSlice(runner: QueryRunner): Promise<boolean> {
    const snapshots = runner.manager.withRepository(this.snapshots);
    const dropped = await snapshots.findOneBy({ state: 'dropped' });
    if (dropped === null) {
      return false;
    }
    const chunks = runner.manager.withRepository(this.chunks);
    const [last] = await chunks.find({
      select: { chunk: true, snapshotId: true },
      where: { snapshotId: dropped.id },
      order: { chunk: 'DESC' },
      take: 1,
    });
    await this.session.transaction(0, async () => {
      if (last === undefined) {
        await snapshots.delete({ id: dropped.id });
      } else {
        await chunks.delete({ snapshotId: dropped.id, chunk: MoreThan(last.chunk - chunksPerSlice) });
      }
    });
    return true;
  }
}

function requireChunk(row: SnapshotEntity, chunk: number, found: SnapshotChunkEntity | null): Uint8Array {
  const name = `chunk ${chunk} of the snapshot at entry ${row.lastIncludedIndex}`;
  if (found === null) {
    throw corrupt(`${name} is missing`);
  }
  if (chunkChecksum({ snapshotId: row.id, chunk }, found.data) !== found.checksum) {
    throw corrupt(`${name} does not match its checksum`);
  }
  return new Uint8Array(found.data.buffer, found.data.byteOffset, found.data.byteLength);
}

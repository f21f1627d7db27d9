import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { QueryRunner } from 'typeorm';
import { assert } from '../lib/assert.js';
import { isLaterEpoch } from '../lib/cluster-epoch.js';
import type { InstanceId, LogIndex, NodeId } from '../raft/index.js';
import type { StoredIdentity } from '../ports/log-store.port.js';
import { cutBatch } from './batch-codec.js';
import { BatchStore } from './batch-store.js';
import type { BatchSpan, BatchWrite, EntryBatch, LogBase, OpenedLog } from './batch-store.js';
import { toStorageError } from './classify-error.js';
import { LOG_DATA_SOURCE, LOG_SESSION } from './data-source.js';
import type { PlainWrite } from './dialects/dialect.js';
import { HardStateEntity } from './entities/hard-state.entity.js';
import { LogBaseEntity } from './entities/log-base.entity.js';
import { LogBatchEntity } from './entities/log-batch.entity.js';
import { NodeIdentityEntity } from './entities/node-identity.entity.js';
import { loadLog, toBatch } from './load-log.js';
import { positionAfter } from './log-position.js';
import type { LogPosition } from './log-position.js';
import { baseValues, batchValues, hardStateValues, logStatements } from './log-statements.js';
import type { LogStatements } from './log-statements.js';
import { identityChecksum, requireRowChecksum } from './row-checksum.js';
import { SqlSession } from './sql-session.js';
import { StorageError, closed, corrupt } from './storage.errors.js';

/** Bytes of random data in an instance id. */
const instanceIdBytes = 16;

/** Batches that one transaction of a compaction removes, so that writes pass in between. */
const compactedRowsMax = 64;

/** Where the log is before and after a write. */
interface Passage {
  readonly before: LogPosition;
  readonly after: LogPosition;
}

/** What was read back of a log before its start is counted. */
export interface FoundLog {
  /** Null where the data are opened for the first time. */
  readonly instanceId: InstanceId | null;
  readonly base: LogBase;
}

/** Some drivers return 64 bits as text. */
type BatchSpanRow = Record<'first_index' | 'last_index' | 'last_term', number | string>;

/**
 * The log in a SQL database, one row a batch. Every write is one transaction.
 *
 * After a failed write the position of the log is in doubt: every call is refused until {@link TypeormBatchStore.open}
 * has read again what is there.
 */
@Injectable()
export class TypeormBatchStore extends BatchStore {
  private readonly statements: LogStatements;
  private position: LogPosition | null = null;
  /** Where the log is if the write that failed is stored all the same. */
  private doubtful: LogPosition | null = null;
  private identity: StoredIdentity | null = null;
  private refusal: Error | null = closed();

  constructor(
    @Inject(LOG_SESSION) private readonly session: SqlSession,
    @InjectRepository(LogBatchEntity, LOG_DATA_SOURCE) private readonly batches: Repository<LogBatchEntity>,
    @InjectRepository(HardStateEntity, LOG_DATA_SOURCE) private readonly hardStates: Repository<HardStateEntity>,
    @InjectRepository(LogBaseEntity, LOG_DATA_SOURCE) private readonly bases: Repository<LogBaseEntity>,
    @InjectRepository(NodeIdentityEntity, LOG_DATA_SOURCE) private readonly identities: Repository<NodeIdentityEntity>,
  ) {
    super();
    this.statements = logStatements(session.dialect);
  }

  /** @param approve - Looks at what was found before anything is changed; a rejection refuses the data. */
  open(
    nodeId: NodeId,
    take: (batch: EntryBatch) => void,
    approve: (found: FoundLog) => Promise<void> = () => Promise.resolve(),
  ): Promise<OpenedLog> {
    return this.session.run(async (runner) => {
      const within = runner.manager;
      const found = await within.withRepository(this.identities).findOneBy({ id: 1 });
      requireOwner(found, nodeId);
      const position = await loadLog(
        {
          batches: within.withRepository(this.batches),
          hardStates: within.withRepository(this.hardStates),
          bases: within.withRepository(this.bases),
        },
        take,
      );
      requireKept(this.acceptable, position);
      if (found === null && (position.hardState !== null || position.lastIndex > 0)) {
        throw corrupt('the log does not say whose it is');
      }
      await approve({ instanceId: found?.instanceId ?? null, base: position.base });
      const identity = await this.countStart(found, nodeId);
      this.position = position;
      this.doubtful = null;
      this.identity = identity;
      this.refusal = null;
      return { identity, hardState: position.hardState, base: position.base };
    });
  }

  write(write: BatchWrite): Promise<void> {
    return this.change(async (position) => {
      const after = positionAfter(position, write);
      this.doubtful = after;
      const plain = plainForm(write, { before: position, after });
      const isStored = plain !== null && (await this.session.writePlainly(plain));
      if (!isStored) {
        await this.store(write, { before: position, after });
      }
      this.position = after;
    });
  }

  private async store(
    write: BatchWrite,
    { before, after }: Passage,
    alongside: (runner: QueryRunner) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    const bytes = write.batches.reduce((sum, batch) => sum + batch.payload.length, 0);
    await this.session.transaction(bytes, async (runner) => {
      await alongside(runner);
      if (write.reset !== null) {
        await runner.query(this.statements.deleteAll);
        await runner.query(this.statements.putBase, baseValues(after.base));
      }
      await this.append(runner, write.batches, before);
      if (write.hardState !== null && after.hardState !== null) {
        await runner.query(this.statements.putHardState, hardStateValues(after.hardState));
      }
    });
  }

  /** Where the log can be, as far as this process knows; empty: it knows nothing. */
  get acceptable(): readonly LogPosition[] {
    return [this.position, this.doubtful].filter((position) => position !== null);
  }

  /** Takes over what another store of this process knows of these data: what it was told is durable must be found. */
  expect(former: TypeormBatchStore): void {
    const [position, doubtful] = former.acceptable;
    this.position = position ?? null;
    this.doubtful = doubtful ?? null;
  }

  setClusterId(clusterId: string, write: BatchWrite): Promise<void> {
    return this.change(async (before) => {
      const { identity } = this;
      assert(identity !== null, 'an open log has an identity');
      const { clusterId: current } = identity;
      const isFitting = current === null || current === clusterId || isLaterEpoch(clusterId, current);
      assert(isFitting, 'a node belongs to one cluster for good');
      const after = positionAfter(before, write);
      this.doubtful = after;
      const joined = { ...identity, clusterId };
      await this.store(write, { before, after }, (runner) =>
        runner.manager
          .withRepository(this.identities)
          .update({ id: 1 }, { clusterId, checksum: identityChecksum(joined) }),
      );
      this.identity = joined;
      this.position = after;
    });
  }

  async compact(index: LogIndex): Promise<void> {
    await this.session.runSlices((runner) => this.compactSlice(runner, index));
    await this.session.giveBackSpace();
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  /** Runs a change of the stored state; one that fails leaves the position unknown. */
  private change(task: (position: LogPosition) => Promise<void>): Promise<void> {
    return this.session.run(async () => {
      const position = this.openPosition();
      try {
        await task(position);
      } catch (error) {
        this.refusal = toStorageError(error);
        throw this.refusal;
      }
    });
  }

  private openPosition(): LogPosition {
    if (this.refusal !== null) {
      throw this.refusal;
    }
    assert(this.position !== null, 'an open log has a position');
    return this.position;
  }

  /** Everything at or above the first new entry goes, whatever the position says: no row outlives the last write. */
  private async append(runner: QueryRunner, batches: readonly EntryBatch[], before: LogPosition): Promise<void> {
    const first = batches[0];
    if (first === undefined) {
      return;
    }
    const cut = first.firstIndex <= before.lastIndex ? await this.findCut(runner, first.firstIndex) : null;
    await runner.query(this.statements.deleteFrom, [cut === null ? first.firstIndex : cut.firstIndex]);
    for (const batch of cut === null ? batches : [cut, ...batches]) {
      await runner.query(this.statements.insertBatch, batchValues(batch));
    }
  }

  /** What stays of the batch that holds both `index` and the entry before it; null where no batch does. */
  private async findCut(runner: QueryRunner, index: LogIndex): Promise<EntryBatch | null> {
    const [span] = await this.find(runner, this.statements.findHighest, { upTo: index - 1, limit: 1 });
    if (span === undefined || span.lastIndex < index) {
      return null;
    }
    const whole = await runner.manager.withRepository(this.batches).findOneByOrFail({ firstIndex: span.firstIndex });
    return cutBatch(toBatch(whole), index);
  }

  /**
   * Removes some whole batches at or below `index`. The base moves with them: a row lost by damage shows.
   *
   * @returns Whether there may be more to remove.
   */
  private async compactSlice(runner: QueryRunner, index: LogIndex): Promise<boolean> {
    const position = this.openPosition();
    const lowest = await this.find(runner, this.statements.findLowest, { upTo: index, limit: compactedRowsMax });
    const last = lowest.filter((span) => span.lastIndex <= index).at(-1);
    if (last === undefined) {
      return false;
    }
    const base = { index: last.lastIndex, term: last.lastTerm };
    await this.session.transaction(0, async () => {
      await runner.query(this.statements.deleteUpTo, [last.firstIndex]);
      await runner.query(this.statements.putBase, baseValues(base));
    });
    this.position = { ...position, base };
    return lowest.length === compactedRowsMax;
  }

  private async find(
    runner: QueryRunner,
    sql: string,
    { upTo, limit }: { upTo: LogIndex; limit: number },
  ): Promise<readonly BatchSpan[]> {
    const rows = (await runner.query(sql, [upTo, limit])) as readonly BatchSpanRow[];
    return rows.map((row) => ({
      firstIndex: Number(row.first_index),
      lastIndex: Number(row.last_index),
      lastTerm: Number(row.last_term),
    }));
  }

  /** Writes down this start, and whose data these are where it is the first. */
  private async countStart(found: NodeIdentityEntity | null, nodeId: NodeId): Promise<StoredIdentity> {
    const identity: StoredIdentity = {
      nodeId,
      instanceId: found?.instanceId ?? randomBytes(instanceIdBytes).toString('hex'),
      clusterId: found?.clusterId ?? null,
      bootNumber: (found?.bootNumber ?? 0) + 1,
    };
    const checksum = identityChecksum(identity);
    await this.session.transaction(0, async (runner) => {
      const identities = runner.manager.withRepository(this.identities);
      if (found === null) {
        await identities.insert({ id: 1, ...identity, checksum });
      } else {
        await identities.update({ id: 1 }, { bootNumber: identity.bootNumber, checksum });
      }
    });
    return identity;
  }
}

function requireOwner(found: NodeIdentityEntity | null, nodeId: NodeId): void {
  if (found === null) {
    return;
  }
  requireRowChecksum(found.checksum, identityChecksum(found), 'the row that says whose the data are');
  if (found.nodeId !== nodeId) {
    throw new StorageError(
      'FOREIGN',
      `the data belong to node ${found.nodeId}, not to ${nodeId}; start that node, or name another data directory`,
    );
  }
}

/** The write as a plain one; null where it replaces or cuts what is stored, or has several batches. */
function plainForm(write: BatchWrite, { before, after }: Passage): PlainWrite | null {
  const [batch = null, ...more] = write.batches;
  const isBehind = batch === null || batch.firstIndex === before.lastIndex + 1;
  if (write.reset !== null || more.length > 0 || !isBehind) {
    return null;
  }
  return { batch, hardState: write.hardState === null ? null : after.hardState };
}

/**
 * A database may be away for a while, but must not lose what it has confirmed: a standby that lagged would.
 *
 * @throws StorageError CORRUPT.
 */
function requireKept(acceptable: readonly LogPosition[], found: LogPosition): void {
  const place = ({ lastIndex, lastTerm, hardState }: LogPosition): string =>
    [lastIndex, lastTerm, hardState?.currentTerm ?? 0, hardState?.votedFor ?? '', hardState?.commitIndex ?? 0].join(
      ' ',
    );
  if (acceptable.length > 0 && !acceptable.some((known) => place(known) === place(found))) {
    throw corrupt(`the log ends at entry ${found.lastIndex}, and something else had been stored for good`);
  }
}

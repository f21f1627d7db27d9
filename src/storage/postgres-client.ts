import type { NodeId } from '../raft/index.js';
import { isOutage } from '../ports/outage.js';
import { ignoreProof } from '../ports/snapshot-store.port.js';
import type { EntryBatch, OpenedLog } from './batch-store.js';
import { toStorageError } from './classify-error.js';
import { sessionName } from './postgres-options.js';
import type { PostgresOptions } from './postgres-options.js';
import { startPostgresStores } from './postgres-stores.js';
import type { SqlStores } from './sql-stores.js';
import { StorageWarnings } from './storage-warnings.js';
import { StorageError, closed } from './storage.errors.js';
import type { StoreEvents } from './store-events.js';
import type { TypeormBatchStore } from './typeorm-batch-store.js';

/** Sessions of a server that does not answer are waited for this long, in milliseconds. */
const disconnectMs = 1000;

/**
 * The sessions of one node at its Postgres server. A session that is lost takes the other with it and refuses every
 * call, until {@link PostgresClient.open} has connected anew and read back what is durable.
 */
export class PostgresClient {
  /** Told of a session that ended while nothing was asked of it. */
  onOutage: (error: Error) => void = () => undefined;
  /** See `SnapshotStore.onProof`. */
  onProof = ignoreProof;
  private readonly name: string;
  private readonly warnings: StorageWarnings;
  private stores: SqlStores | null = null;
  /** What was known of the log before the sessions were lost. */
  private former: TypeormBatchStore | null = null;
  private refusal: Error | null = closed();
  private opening: Promise<unknown> = Promise.resolve();
  private isClosing = false;
  private hasFailed = false;

  constructor(
    private readonly options: PostgresOptions,
    private readonly events: StoreEvents,
  ) {
    this.name = sessionName(options.schema);
    this.warnings = new StorageWarnings((message) => {
      events.onWarning(message);
    });
  }

  open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    const opened = this.connect(nodeId, take);
    this.opening = opened.catch(() => undefined);
    return opened;
  }

  /** One call of a store. */
  async call<T>(ask: (stores: SqlStores) => Promise<T>, isHarmless = false): Promise<T> {
    const { stores } = this;
    if (this.refusal !== null || stores === null) {
      throw this.refusal ?? closed();
    }
    try {
      return await ask(stores);
    } catch (cause) {
      const error = toStorageError(cause);
      this.note(error, { stores, isHarmless });
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.opening;
    this.refusal ??= closed();
    await this.disconnect();
  }

  private async connect(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    if (this.isClosing || this.hasFailed) {
      throw this.refusal ?? closed();
    }
    await this.disconnect();
    const attempt: { stores: SqlStores | null } = { stores: null };
    const onEnd = (): void => {
      this.noteEnd(attempt.stores);
    };
    const sessions = { name: this.name, areReplaced: this.former !== null, onEnd };
    const stores = await startPostgresStores(this.options, sessions, this.warnings);
    attempt.stores = stores;
    stores.snapshots.onProof = (step) => this.onProof(step);
    this.stores = stores;
    if (this.former !== null) {
      stores.log.expect(this.former);
    }
    try {
      const opened = await stores.open(nodeId, take);
      this.refusal = null;
      return opened;
    } catch (error) {
      await this.disconnect();
      throw toStorageError(error);
    }
  }

  /** Whoever waits for a call of a lost session is told by that. */
  private noteEnd(stores: SqlStores | null): void {
    if (stores === null || this.stores !== stores || this.refusal !== null || this.isClosing) {
      return;
    }
    this.refusal = new StorageError('DISCONNECTED', 'the Postgres server cannot be reached (it ended a session)');
    this.onOutage(this.refusal);
  }

  private note(
    error: Error,
    { stores, isHarmless }: { readonly stores: SqlStores; readonly isHarmless: boolean },
  ): void {
    if (isOutage(error)) {
      if (this.stores === stores) {
        this.refusal ??= error;
      }
      return;
    }
    if (!isHarmless && error instanceof StorageError && error.code !== 'CLOSED' && !this.hasFailed) {
      this.hasFailed = true;
      this.events.onFailure(error);
    }
  }

  private async disconnect(): Promise<void> {
    const { stores } = this;
    this.stores = null;
    if (stores === null) {
      return;
    }
    this.former = stores.log.acceptable.length > 0 ? stores.log : this.former;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, disconnectMs);
    });
    await Promise.race([stores.close().catch(() => undefined), patience]);
    clearTimeout(timer);
  }
}

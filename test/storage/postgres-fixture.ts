import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { BatchedLogStore } from '../../src/storage/batched-log-store.js';
import { PostgresClient } from '../../src/storage/postgres-client.js';
import type { PostgresOptions } from '../../src/storage/postgres-options.js';
import { PostgresBatchStore, PostgresSnapshotStore } from '../../src/storage/postgres-store.js';
import type { StorageError } from '../../src/storage/storage.errors.js';
import type { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import type { StartedStores, StoreFixture } from './store-fixture.js';

// The stores are a Nest application, which would tell of each start.
Logger.overrideLogger(false);

/** A schema of a server, and the processes that use it one after the other. */
export class PostgresFixture implements StoreFixture {
  readonly schema = `test_${randomBytes(6).toString('hex')}`;
  readonly warnings: string[] = [];
  readonly failures: StorageError[] = [];
  private readonly clients: PostgresClient[] = [];

  constructor(
    readonly server: PostgresServer,
    private readonly overrides: Partial<PostgresOptions> = {},
  ) {}

  get options(): PostgresOptions {
    return {
      kind: 'postgres',
      url: this.server.url,
      password: null,
      schema: this.schema,
      timeoutMs: 10_000,
      acceptsWeak: false,
      ...this.overrides,
    };
  }

  start(): StartedStores & { readonly client: PostgresClient } {
    const client = new PostgresClient(this.options, {
      onWarning: (message) => this.warnings.push(message),
      onFailure: (error) => this.failures.push(error),
    });
    this.clients.push(client);
    return {
      client,
      log: new BatchedLogStore(new PostgresBatchStore(client)),
      snapshots: new PostgresSnapshotStore(client),
    };
  }

  /** The server ends the sessions of the process at once, as it does when the process dies. */
  async crash(): Promise<void> {
    await this.endSessions();
    this.clients.splice(0);
  }

  /** Ends every session that holds the schema, and waits until they are gone. */
  async endSessions(): Promise<void> {
    await this.server.endSessions(this.schema);
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.clients.splice(0).map((client) => client.close()));
    await this.endSessions();
    await this.server.dropSchema(this.schema);
  }
}

import { afterAll, beforeAll, jest } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { describeLogStore } from './log-store.contract.js';
import { PostgresFixture } from './postgres-fixture.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';

/** A server takes its time to start. */
jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(async () => {
  await server.stop();
});

describeLogStore('Postgres', () => new PostgresFixture(server));
describeSnapshotStore('Postgres', () => new PostgresFixture(server));

import { afterAll, beforeAll, jest } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { PostgresDamageFixture } from './damage-fixture.js';
import { describeDamagedRows } from './damage.contract.js';

/** A server takes its time to start. */
jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(async () => {
  await server.stop();
});

describeDamagedRows('Postgres', () => new PostgresDamageFixture(server));

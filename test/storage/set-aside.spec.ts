import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { setAside } from '../../src/storage/set-aside.js';
import { startSqliteStores } from '../../src/storage/sqlite-stores.js';
import { StorageWarnings } from '../../src/storage/storage-warnings.js';
import { PostgresFixture } from './postgres-fixture.js';

const silent = new StorageWarnings(() => undefined);

/** Opens the data of n1 as a start does, and lets go of them. @returns Whose they are and which start it is. */
async function openFiles(dataDir: string): Promise<{ instanceId: string; bootNumber: number }> {
  const stores = await startSqliteStores(dataDir, silent);
  const { identity } = await stores.open('n1', () => undefined);
  await stores.close();
  return identity;
}

describe('files', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'raftdb-aside-'));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('are moved, and the next start finds none', async () => {
    const before = await openFiles(dataDir);
    const folder = await setAside({ kind: 'sqlite', dataDir }, before.instanceId);
    const after = await openFiles(dataDir);
    expect(after.instanceId).not.toBe(before.instanceId);
    expect(after.bootNumber).toBe(1);
    expect(await openFiles(folder)).toMatchObject({ instanceId: before.instanceId, bootNumber: 2 });
  });

  it.each([0, 1, 2])('of which a crash has left %d moved follow with the next start', async (moved) => {
    const before = await openFiles(dataDir);
    const folder = join(dataDir, `removed-${before.instanceId}`);
    mkdirSync(`${folder}.unfinished`);
    for (const file of ['snapshot.db', 'log.db'].slice(0, moved)) {
      renameSync(join(dataDir, file), join(`${folder}.unfinished`, file));
    }
    expect((await openFiles(dataDir)).bootNumber).toBe(1);
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['log.db', 'snapshot.db']));
    expect((await openFiles(folder)).instanceId).toBe(before.instanceId);
  });
});

describe('a schema', () => {
  let server: PostgresServer;
  let fixture: PostgresFixture;

  beforeAll(async () => {
    server = await PostgresServer.start({ settings: [] });
    fixture = new PostgresFixture(server);
  }, 60_000);

  afterAll(async () => {
    await fixture.remove();
    await server.stop();
  }, 60_000);

  it('is renamed, and the next start finds none', async () => {
    const first = fixture.start();
    const { identity } = await first.log.open('n1');
    await first.client.close();
    const place = await setAside(fixture.options, identity.instanceId);
    const schema = place.replace('schema ', '');
    expect(schema).toBe(`${fixture.schema}_removed_${identity.instanceId.slice(0, 12)}`);
    const second = await fixture.start().log.open('n1');
    expect(second.identity).toMatchObject({ bootNumber: 1 });
    expect(second.identity.instanceId).not.toBe(identity.instanceId);
    await server.dropSchema(schema);
  }, 60_000);
});

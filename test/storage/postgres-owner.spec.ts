import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { Deferred } from '../../src/lib/deferred.js';
import { Random } from '../../src/lib/random.js';
import { PostgresStoredSize } from '../../src/storage/postgres-stored-size.js';
import { PostgresFixture } from './postgres-fixture.js';
import { append, entry, hardState, places } from './samples.js';

/** A server takes its time to start. */
jest.setTimeout(120_000);

let server: PostgresServer;
let fixture: PostgresFixture;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  fixture = new PostgresFixture(server);
});

afterEach(async () => {
  await fixture.remove();
});

/** Statements in the schema of the fixture. */
function inSchema(sql: string): Promise<readonly Record<string, unknown>[]> {
  return server.query(sql.replaceAll('SCHEMA', `"${fixture.schema}"`));
}

describe('a schema of Postgres', () => {
  it('belongs to one process at a time, and to the next once that is gone', async () => {
    const { log } = fixture.start();
    await log.open('n1');
    await expect(fixture.start().log.open('n1')).rejects.toMatchObject({ code: 'LOCKED' });
    await log.write(append([entry(1)], hardState(1)));

    await fixture.crash();

    const found = await fixture.start().log.open('n1');
    expect([places(found.entries), found.identity.bootNumber]).toEqual(['1@1', 2]);
  });

  it.each([
    ['an entry', append([entry(2)])],
    ['the hard state', append([], hardState(2))],
    ['both', append([entry(2)], hardState(2))],
    ['a cut', append([entry(1, 2)], hardState(2))],
  ])('takes %s no more from who owned it before', async (_what, write) => {
    const { log } = fixture.start();
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    const content = 'SELECT first_index, last_term, (SELECT current_term FROM SCHEMA.hard_state) FROM SCHEMA.log_batch';
    const before = await inSchema(content);
    await inSchema('UPDATE SCHEMA.store_owner SET epoch = epoch + 1');

    await expect(log.write(write)).rejects.toMatchObject({ code: 'LOCKED' });

    expect(await inSchema(content)).toEqual(before);
    expect(fixture.failures).toMatchObject([{ code: 'LOCKED' }]);
  });

  it('says that it is away when its sessions are ended while nothing is asked of it, and is there again', async () => {
    const { log } = fixture.start();
    const away = new Deferred<Error>();
    log.onOutage = (error) => {
      away.resolve(error);
    };
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));

    await fixture.endSessions();

    expect(await away.promise).toMatchObject({ code: 'DISCONNECTED', isOutage: true });
    await expect(log.write(append([entry(2)]))).rejects.toMatchObject({ code: 'DISCONNECTED' });
    expect(places((await log.open('n1')).entries)).toBe('1@1');
    expect(fixture.failures).toEqual([]);
  });

  it('takes a snapshot no more from who owned it before', async () => {
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    await inSchema('UPDATE SCHEMA.store_owner SET epoch = epoch + 1');

    await expect(snapshots.begin('local')).rejects.toMatchObject({ code: 'LOCKED' });

    expect(await inSchema('SELECT id FROM SCHEMA.snapshot')).toEqual([]);
  });
});

describe('sessions that are lost', () => {
  it('refuse every call until the data are read back, in the same process', async () => {
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    await fixture.endSessions();

    await expect(log.write(append([entry(2)]))).rejects.toMatchObject({ code: 'DISCONNECTED', isOutage: true });
    await expect(snapshots.latest()).rejects.toMatchObject({ code: 'DISCONNECTED' });
    expect(fixture.failures).toEqual([]);

    const found = await log.open('n1');
    expect([places(found.entries), found.identity.bootNumber]).toEqual(['1@1', 2]);
    await log.write(append([entry(2)]));
    expect(await snapshots.latest()).toBeNull();
  });

  it('leave a write stored or not, and say so only once it was read back', async () => {
    const random = new Random(7);
    const { log } = fixture.start();
    let found = await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    const seen = { stored: 0, lost: 0 };
    let last = 1;
    for (let round = 0; round < 25; round += 1) {
      let acknowledged = last;
      const ending = new Promise((resolve) => setTimeout(resolve, random.between({ from: 0, until: 20 }))).then(() =>
        fixture.endSessions(),
      );
      await expect(
        (async () => {
          for (;;) {
            await log.write(append([entry(acknowledged + 1)], hardState(1, acknowledged)));
            acknowledged += 1;
          }
        })(),
      ).rejects.toMatchObject({ code: 'DISCONNECTED' });
      await ending;
      found = await log.open('n1');
      last = found.entries.at(-1)?.index ?? 0;
      expect([acknowledged, acknowledged + 1]).toContain(last);
      seen[last === acknowledged ? 'lost' : 'stored'] += 1;
    }
    expect(found.entries.map(({ index }) => index)).toEqual(Array.from({ length: last }, (_, place) => place + 1));
  });

  it('are not followed by data that lack what was confirmed', async () => {
    const { log } = fixture.start();
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    await log.write(append([entry(2)]));
    await fixture.endSessions();
    await expect(log.write(append([entry(3)]))).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await inSchema('DELETE FROM SCHEMA.log_batch WHERE first_index = 2');

    await expect(log.open('n1')).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});

describe('a server', () => {
  it('that could lose commits is refused, unless it is accepted', async () => {
    const weak = await PostgresServer.start({ settings: ['fsync=off', 'synchronous_commit=off'] });
    const refused = new PostgresFixture(weak);
    const accepted = new PostgresFixture(weak, { acceptsWeak: true });
    try {
      await expect(refused.start().log.open('n1')).rejects.toMatchObject({
        code: 'UNUSABLE',
        message: expect.stringMatching(/fsync=off, synchronous_commit=off.*--postgres-weak-durability accept/),
      });
      await accepted.start().log.open('n1');
      expect(accepted.warnings.join()).toContain('fsync=off');
    } finally {
      await accepted.remove();
      await weak.stop();
    }
  });

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'another'), 'UNUSABLE'],
    ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), 'UNUSABLE'],
    ['nobody at the port', (url: URL) => (url.port = '1'), 'DISCONNECTED'],
    ['a host that has no address', (url: URL) => (url.hostname = 'nobody.invalid'), 'DISCONNECTED'],
    ['TLS that it does not speak', (url: URL) => (url.search = '?sslmode=verify-full'), 'UNUSABLE'],
  ])('with %s is refused in words that hold no secret', async (_what, spoil, code) => {
    const url = new URL(server.url);
    const { password } = url;
    spoil(url);
    const spoilt = new PostgresFixture(server, { url: url.href, timeoutMs: 1000 });

    const refusal = spoilt.start().log.open('n1');

    await expect(refusal).rejects.toMatchObject({ code });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(password) });
  });

  it('is reached with a password beside a URL that has none, whatever its letters are', async () => {
    const password = `a%41 &=+#/?@:é`;
    const role = `role_${randomBytes(6).toString('hex')}`;
    await server.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    await server.query(`GRANT CREATE ON DATABASE ${new URL(server.url).pathname.slice(1)} TO ${role}`);
    const url = new URL(server.url);
    url.username = role;
    url.password = '';
    const own = new PostgresFixture(server, { url: url.href, password });
    try {
      const { identity } = await own.start().log.open('n1');
      expect(identity.bootNumber).toBe(1);
    } finally {
      await own.remove();
      await server.query(`DROP OWNED BY ${role}`);
      await server.query(`DROP ROLE ${role}`);
    }
  });

  it('says how much its tables take, and nothing while the server is away', async () => {
    const { log, client } = fixture.start();
    const size = new PostgresStoredSize(client);
    expect(await size.bytes()).toBeNull();
    await log.open('n1');
    const before = (await size.bytes()) ?? 0;
    expect(before).toBeGreaterThan(0);
    await log.write(append([{ ...entry(1), data: randomBytes(1_000_000) }], hardState(1)));
    expect(await size.bytes()).toBeGreaterThan(before + 900_000);
    await fixture.crash();
    expect(await size.bytes()).toBeNull();
  });

  it('with tables of a later version is refused, and they are left alone', async () => {
    const { log } = fixture.start();
    await log.open('n1');
    await log.close();
    await inSchema(`INSERT INTO SCHEMA.log_migrations ("timestamp", name) VALUES (9, 'Later0000000000009')`);

    await expect(fixture.start().log.open('n1')).rejects.toMatchObject({ code: 'NEWER_VERSION' });

    expect(await inSchema('SELECT boot_number::int FROM SCHEMA.node_identity')).toEqual([{ boot_number: 1 }]);
  });
});

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { PostgresFixture } from './postgres-fixture.js';
import { append, entry, hardState } from './samples.js';

/** A server takes its time to start. */
jest.setTimeout(120_000);

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('there is no openssl: TLS to Postgres is not tried');
    return false;
  }
}

const describeWhereOpenssl = hasOpenssl() ? describe : describe.skip;

describeWhereOpenssl('a Postgres server with TLS', () => {
  let folder: string;
  let server: PostgresServer;

  /** A certificate that signs itself, for the address of this machine. */
  function makeCertificate(name: string): void {
    const paths = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const form = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...form, ...subject, ...paths], { stdio: 'ignore' });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'raftdb-tls-'));
    // The way to the server's data must be open to the user that it runs as.
    chmodSync(folder, 0o755);
    makeCertificate('server');
    makeCertificate('other');
    server = await PostgresServer.start({ folder: join(folder, 'postgres') });
    const data = join(folder, 'postgres', 'data');
    copyFileSync(join(folder, 'server.pem'), join(data, 'server.crt'));
    copyFileSync(join(folder, 'server.key'), join(data, 'server.key'));
    chmodSync(join(data, 'server.key'), 0o600);
    // Where root starts it, the server runs as another user, whose files these must be.
    const { uid, gid } = statSync(data);
    execFileSync('chown', [`${uid}:${gid}`, join(data, 'server.key'), join(data, 'server.crt')]);
    await server.query('ALTER SYSTEM SET ssl = on');
    await server.query('SELECT pg_reload_conf()');
  });

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A node that knows `name` as the only authority. */
  function knowing(name: string): PostgresFixture {
    const url = new URL(server.url);
    url.search = `?sslmode=verify-full&sslrootcert=${encodeURIComponent(join(folder, `${name}.pem`))}`;
    return new PostgresFixture(server, { url: url.href });
  }

  it('is written to over TLS, in every session', async () => {
    const fixture = knowing('server');
    const { log } = fixture.start();
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    const sessions = await server.query(
      'SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE starts_with(application_name, $1)',
      [`raftd ${fixture.schema} `],
    );
    expect(sessions).toEqual([{ ssl: true }]);
    await fixture.remove();
  });

  it('that somebody else answers for is refused', async () => {
    const fixture = knowing('other');
    await expect(fixture.start().log.open('n1')).rejects.toMatchObject({ code: 'UNUSABLE' });
    await fixture.remove();
  });
});

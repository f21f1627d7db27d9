import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadSettings } from './load-settings.js';
import { SettingsError } from './settings.errors.js';
import type { Settings } from './settings.js';

function settingsOf(args: string[], env: Record<string, string> = {}): Settings {
  const line = loadSettings(args, env);
  if (line.kind !== 'run') {
    throw new Error(`expected settings, got ${line.kind}`);
  }
  return line.settings;
}

function refusalOf(args: string[], env: Record<string, string> = {}): string {
  try {
    loadSettings(args, env);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.message;
    }
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('a command line', () => {
  it('has a default for everything but the data directory', () => {
    const settings = settingsOf(['data']);
    expect(settings).toMatchObject({
      haddr: 'localhost:8091',
      raddr: 'localhost:8089',
      httpBind: null,
      join: [],
      dataDir: resolve('data'),
      heartbeatIntervalMs: 100,
      electionTimeoutMs: 1000,
      routing: 'forward',
      logLevel: 'info',
    });
    expect(settings.id).toBe(hostname());
  });

  it.each([
    [['-id', 'node01', '-join', 'a:1', 'd']],
    [['--id', 'node01', '--join', 'a:1', 'd']],
    [['-id=node01', '--join=a:1', 'd']],
    [['d', '-id=node01', '-join', 'a:1']],
    [['-id', 'node01', '-join', 'a:1', '--', 'd']],
  ])('is read alike in the form %j', (args) => {
    expect(settingsOf(args)).toMatchObject({ id: 'node01', join: ['a:1'], dataDir: resolve('d') });
  });

  it('wins over the environment, which wins over the default', () => {
    const env = { RAFTDB_ID: 'fromEnv', RAFTDB_TICK_MS: '20', RAFTDB_DATA_DIR: '/env' };
    expect(settingsOf(['-id', 'fromFlag', '/flag'], env)).toMatchObject({
      id: 'fromFlag',
      tickMs: 20,
      dataDir: resolve('/flag'),
    });
  });

  it('names several members to join through', () => {
    expect(settingsOf(['d'], { RAFTDB_JOIN: 'a:1, [::1]:2' }).join).toEqual(['a:1', '[::1]:2']);
  });

  it('has its ~ replaced where no shell did so', () => {
    expect(settingsOf([], { RAFTDB_DATA_DIR: '~/.raftdb' }).dataDir).toBe(join(homedir(), '.raftdb'));
    expect(settingsOf([], { RAFTDB_DATA_DIR: '~' }).dataDir).toBe(homedir());
    expect(settingsOf([], { RAFTDB_DATA_DIR: '~x' }).dataDir).toBe(resolve('~x'));
  });

  it('asks for help or the version, whatever else is on it', () => {
    expect(loadSettings(['--help'], {})).toEqual({ kind: 'help' });
    expect(loadSettings(['-h', 'a', 'b', '--nonsense'], {})).toEqual({ kind: 'help' });
    expect(loadSettings(['-version'], {})).toEqual({ kind: 'version' });
  });

  it.each([
    ['a repeated flag', ['-id', 'a', '--id=b', 'd'], '--id is given twice'],
    ['two data directories', ['d', 'e'], 'the data directory is given twice'],
    ['no data directory', [], 'the data directory is missing'],
    ['an empty data directory', [''], 'the data directory takes the path of a folder, not ""'],
    ['an empty value', ['-id=', 'd'], '--id takes 1 to 64 letters'],
    ['no value', ['d', '-id'], '--id needs a value'],
    ['a flag in place of a value', ['-id', '-join', 'a:1', 'd'], '--id takes 1 to 64 letters'],
    ['a single letter', ['-x', 'd'], '-x is no setting'],
    ['a negated flag', ['--no-id', 'd'], '--no-id is no setting'],
    ['an id with a slash', ['-id', 'a/b', 'd'], '--id takes 1 to 64 letters'],
    ['an id that is too long', ['-id', 'a'.repeat(65), 'd'], '--id takes 1 to 64 letters'],
    ['an address without a port', ['-haddr', 'host', 'd'], '--haddr takes host:port'],
    ['a wildcard that nobody can dial', ['-raddr', '0.0.0.0:1', 'd'], '--raddr takes host:port'],
    ['a gap between addresses', ['-join', 'a:1,,b:2', 'd'], '--join takes one or more host:port'],
    ['a word outside the choice', ['-routing', 'Forward', 'd'], '--routing takes forward or redirect, not "Forward"'],
  ])('is refused for %s', (_, args, message) => {
    expect(refusalOf(args)).toContain(message);
  });

  it.each(['1s', 'NaN', '1e2', '-5', '0x10', '1.0', '+5', ' 5', '05', '1_000', 'Infinity', ''])(
    'is refused for the number %j',
    (text) => {
      expect(refusalOf([`--tick-ms=${text}`, 'd'])).toContain('--tick-ms takes an integer from 1 to 1000 ms, not');
    },
  );

  it('accepts its bounds and nothing beyond them', () => {
    expect(settingsOf(['--promote-lag-entries-max', '0', 'd']).promoteLagEntriesMax).toBe(0);
    expect(settingsOf(['--promote-lag-entries-max', '1000000', 'd']).promoteLagEntriesMax).toBe(1_000_000);
    expect(refusalOf(['--promote-lag-entries-max', '1000001', 'd'])).toContain('from 0 to 1000000 entries');
  });

  it('is told of a typing error', () => {
    expect(refusalOf(['-hadrr', 'x', 'd'])).toContain('did you mean --haddr?');
    expect(refusalOf(['--completely-different', 'x', 'd'])).not.toContain('did you mean');
  });

  it('is refused on one line, whatever was given', () => {
    for (const args of [
      ['-id', 'a\nb', 'd'],
      ['--a\nb', 'd'],
      ['-join', 'x\r\n'.repeat(1000), 'd'],
    ]) {
      const message = refusalOf(args);
      expect(message).not.toMatch(/[\r\n]/);
      expect(message.length).toBeLessThan(300);
    }
  });
});

describe('the environment', () => {
  it('may not name a setting that is not there', () => {
    expect(refusalOf(['d'], { RAFTDB_HADRR: 'a:1' })).toContain(
      'RAFTDB_HADRR is no setting; did you mean RAFTDB_HADDR?',
    );
  });

  it('may not be set and empty', () => {
    expect(refusalOf(['d'], { RAFTDB_ID: '' })).toContain('RAFTDB_ID takes');
  });

  it('may hold variables of tests, of Kubernetes and of other programs', () => {
    const env = {
      RAFTDB_TEST_PG_URL: 'x',
      RAFTDB_VECTORS: 'x',
      RAFTDB_SERVICE_HOST: '10.0.0.1',
      RAFTDB_SERVICE_PORT_HTTP: '8091',
      RAFTDB_CLIENT_PORT: 'tcp://10.0.0.1:8091',
      RAFTDB_PORT_8091_TCP_ADDR: '10.0.0.1',
      PATH: '/bin',
    };
    expect(settingsOf(['d'], env).haddr).toBe('localhost:8091');
  });

  it('may not hold a port that somebody set by hand', () => {
    expect(refusalOf(['d'], { RAFTDB_PORT: '9000' })).toContain('RAFTDB_PORT is no setting');
  });
});

describe('settings that depend on each other', () => {
  it.each([
    [['--heartbeat-interval-ms', '500'], '--election-timeout-ms (1000) takes more than 2 times'],
    [
      ['--heartbeat-interval-ms', '10', '--tick-ms', '11'],
      '--heartbeat-interval-ms (10) takes at least --tick-ms (11)',
    ],
    [['--value-bytes-max', '2097153'], '--body-bytes-max (2097152) takes at least --value-bytes-max'],
    [['--body-bytes-max', '4194305'], '--frame-bytes-max (8388608) takes at least 2 times --body-bytes-max'],
    [['--haddr', 'A:1', '--raddr', 'a:1'], '--haddr and --raddr take two addresses'],
  ])('%j are refused', (args, message) => {
    expect(refusalOf([...args, 'd'])).toContain(message);
  });

  it('fit just within their bounds', () => {
    expect(settingsOf(['--heartbeat-interval-ms', '499', 'd']).heartbeatIntervalMs).toBe(499);
    expect(settingsOf(['--body-bytes-max', '4194304', 'd']).bodyBytesMax).toBe(4_194_304);
  });
});

describe('nodes that found together', () => {
  it.each([
    [['-bootstrap-expect', '3', '/data'], 'give --join'],
    [['-bootstrap-expect', '10', '-join', 'a:1', '/data'], 'from 0 to 9'],
    [['-bootstrap-expect', '3', '-join', 'a:1', '-learner', '/data'], 'leave --learner'],
    [['-join', '_http._udp.peers', '/data'], '_service._tcp.name'],
    [['-join', '_http._tcp.', '/data'], '_service._tcp.name'],
  ])('%j is refused', (args, text) => {
    expect(() => loadSettings(args, {})).toThrow(text);
  });

  it('may be named by SRV records', () => {
    const args = ['-bootstrap-expect', '3', '-join', '_http._tcp.peers.test,a:1', '/data'];
    expect(loadSettings(args, {})).toMatchObject({
      settings: { bootstrapExpect: 3, join: ['_http._tcp.peers.test', 'a:1'] },
    });
  });
});

describe('flags that stand alone', () => {
  const joining = ['-join', 'a:1'];

  it.each([
    [['-learner', '/data'], {}, true],
    [['--learner', '/data'], {}, true],
    [['-learner=true', '/data'], {}, true],
    [['-learner=false', '/data'], {}, false],
    [['/data'], {}, false],
    [['/data'], { RAFTDB_LEARNER: 'true' }, true],
    [['-learner=false', '/data'], { RAFTDB_LEARNER: 'true' }, false],
  ])('%j with %j', (args, env, learner) => {
    const line = loadSettings([...joining, ...args], env);
    expect(line).toMatchObject({ kind: 'run', settings: { learner, dataDir: '/data' } });
  });

  it.each([
    [['-learner=yes', '/data'], {}, 'true or false'],
    [['/data'], { RAFTDB_REPLACE: '1' }, 'true or false'],
    [['-learner', '-learner', '/data'], {}, 'given twice'],
  ])('%j with %j is refused', (args, env, text) => {
    expect(() => loadSettings([...joining, ...args], env)).toThrow(text);
  });

  it.each(['-learner', '-replace'])('%s is refused without -join', (flag) => {
    expect(() => loadSettings([flag, '/data'], {})).toThrow('give --join');
  });
});

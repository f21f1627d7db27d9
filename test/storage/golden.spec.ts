import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import type { Stores } from '../../src/consensus/recovery.js';
import { encodeCommand } from '../../src/state-machine/index.js';
import { goldenData } from './golden/golden-files.js';
import { readBack } from './golden/read-back.js';
import type { GoldenCluster, GoldenNode } from './golden/read-back.js';
import { LocalSqliteStores } from './local-sqlite-stores.js';
import { PostgresFixture } from './postgres-fixture.js';

/** A server takes its time to start. */
jest.setTimeout(60_000);

/** What each start opens: the same data, by a process of its own. */
type Start = () => Stores;

const all = goldenData();

/** The data are what they were, can be written, and can be opened once more. */
async function isUsable(start: Start, { state }: GoldenCluster, node: GoldenNode): Promise<void> {
  const first = start();
  const found = await readBack(first, node.id);
  expect(found).toEqual({ state, node: { ...node, bootNumber: node.bootNumber + 1 } });

  const index = node.lastIndex + 1;
  const command = { kind: 'put', entries: [{ key: 'new', value: encodeText('"new"') }], condition: null } as const;
  const entry = {
    index,
    term: node.currentTerm,
    kind: 'command',
    timeMs: Number.MAX_SAFE_INTEGER,
    proposal: null,
    data: encodeCommand({ idempotency: null, command }),
  } as const;
  const { currentTerm, votedFor } = node;
  await first.log.write({ reset: null, entries: [entry], hardState: { currentTerm, votedFor, commitIndex: index } });
  await first.log.close();

  const second = start();
  const again = await readBack(second, node.id);
  await second.log.close();
  expect(again.node).toMatchObject({ lastIndex: index, commitIndex: index, bootNumber: node.bootNumber + 2 });
  expect(again.state.revision).toBe(state.revision + 1);
  expect(again.state.keys.filter(({ key }) => key !== 'new')).toEqual(state.keys);
}

it('there are data of every version that is named in a folder', () => {
  expect(all.length).toBeGreaterThan(0);
  expect(all.map(({ folder, expected }) => folder.endsWith(`/${expected.version}`))).toEqual(all.map(() => true));
});

describe.each(all)('data that version $expected.version left', ({ folder, expected }) => {
  const { sqlite, alone, postgres } = expected;

  it('hold what is easily lost: odd keys, remembered answers, a learner, a log behind a snapshot', () => {
    for (const { state, nodes } of [sqlite, alone, postgres]) {
      const keys = state.keys.map(({ key }) => key);
      expect(keys).toEqual(
        expect.arrayContaining(['__proto__', '\u{1f418}', 'caf\u00e9', 'cafe\u0301', '/', ' ', '..']),
      );
      expect(keys).not.toEqual(expect.arrayContaining(['deleted']));
      expect(state.idempotencyEntries).toBeGreaterThan(0);
      expect(state.members.filter(({ role }) => role === 'learner')).toHaveLength(1);
      expect(nodes.every((node) => node.snapshotIndex > 0 && node.lastIndex > node.snapshotIndex)).toBe(true);
    }
  });

  it.each([
    ...sqlite.nodes.map((node) => ({ id: node.id, part: 'sqlite', cluster: sqlite, node })),
    ...alone.nodes.map((node) => ({ id: node.id, part: 'alone', cluster: alone, node })),
  ])('in the directory of $id in $part are read, written and read again', async ({ part, cluster, node }) => {
    const root = mkdtempSync(join(tmpdir(), 'raftdb-golden-'));
    const copy = join(root, 'data');
    cpSync(join(folder, part, node.id), copy, { recursive: true });
    const warnings: string[] = [];
    try {
      await isUsable(() => new LocalSqliteStores(copy, (warning) => warnings.push(warning)), cluster, node);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    expect(warnings).toEqual([]);
  });

  describe('in Postgres', () => {
    let server: PostgresServer;

    beforeAll(async () => {
      server = await PostgresServer.start();
    });

    afterAll(async () => {
      await server.stop();
    });

    it.each(postgres.nodes)('under $id are read, written and read again', async (node) => {
      const fixture = new PostgresFixture(server);
      const text = readFileSync(join(folder, 'postgres', `${node.id}.sql`), 'utf8');
      await server.query(`CREATE SCHEMA ${fixture.schema}; SET search_path TO ${fixture.schema};\n${text}`);
      try {
        await isUsable(() => fixture.start(), postgres, node);
      } finally {
        await fixture.remove();
      }
      expect(fixture.warnings).toEqual([]);
    });
  });
});

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import { namedNodes } from '../storage/golden/named-nodes.js';
import type { NamedNode } from '../storage/golden/named-nodes.js';
import { goldenData } from '../storage/golden/golden-files.js';
import type { GoldenCluster } from '../storage/golden/read-back.js';
import { ask } from '../storage/golden/story.js';

/** Processes start slowly on a busy machine. */
jest.setTimeout(120_000);

interface Page {
  readonly items: readonly { readonly key: string; readonly modRevision: number; readonly version: number }[];
}

describe.each(goldenData())(
  'nodes on copies of the data that version $expected.version left',
  ({ folder, expected }) => {
    let root: string;
    let nodes: NamedNode[];

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'raftdb-golden-'));
      nodes = [];
    });

    afterEach(async () => {
      await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
      rmSync(root, { recursive: true, force: true });
    });

    async function startOn(part: 'sqlite' | 'alone'): Promise<GoldenCluster> {
      const cluster = expected[part];
      const ids = cluster.nodes.map(({ id }) => id);
      cpSync(join(folder, part), root, { recursive: true });
      nodes = await namedNodes(ids, { folder: root, strangers: ['node04'] });
      nodes.forEach((node) => {
        node.start();
      });
      await Promise.all(nodes.map((node) => node.ready()));
      return cluster;
    }

    async function stateOf(node: NamedNode): Promise<unknown> {
      return ((await node.json('/status')).body as { store: unknown }).store;
    }

    it.each(['alone', 'sqlite'] as const)(
      'serve it, remember their answers, and take writes over a restart (%s)',
      async (part) => {
        const { state, requests } = await startOn(part);
        const first = at(nodes, 0);
        for (const node of nodes) {
          const { body } = await node.json('/key?level=consistent&limit=1000');
          const places = ({ items }: Page) =>
            items.map(({ key, modRevision, version }) => ({ key, modRevision, version }));
          expect(places(body as Page)).toEqual(places({ items: state.keys }));
          expect(await stateOf(node)).toEqual({ revision: state.revision, checksum: state.checksum });
        }

        for (const request of requests) {
          expect(await ask(first, request)).toMatchObject({ ...request });
        }
        expect(await stateOf(first)).toMatchObject({ revision: state.revision });

        expect((await first.json('/key/new', { method: 'PUT', body: '"new"' })).status).toBe(200);
        await Promise.all(nodes.map((node) => node.stop('SIGTERM')));
        nodes.forEach((node) => {
          node.start();
        });
        await Promise.all(nodes.map((node) => node.ready()));
        for (const node of nodes) {
          expect((await node.json('/key/new?level=consistent')).body).toEqual({ new: 'new' });
          expect(await stateOf(node)).toMatchObject({ revision: state.revision + 1 });
        }
      },
    );
  },
);

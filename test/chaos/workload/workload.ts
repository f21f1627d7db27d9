import type { WriteCondition } from '../../linearizability/index.js';
import { pickWeighted } from '../../simulation/draw.js';
import { Client } from './client.js';
import type { ClientParts } from './client.js';
import { KeyPool } from './key-pool.js';
import { listKeys, readKey } from './reads.js';
import type { Level } from './reads.js';
import { deleteKey, putKey, putKeys } from './writes.js';
import type { WriteEnd, WriteManner } from './writes.js';

/** Keys that all clients share at a time. */
const keysAtATime = 5;

/** Mean pause of a client between two operations, in milliseconds. */
const thinkMs = 40;

/** Clients that read and write the same few keys all the time, through whatever node, in every way there is. */
export class Workload {
  private readonly clients: Client[];
  private readonly pool: KeyPool;
  private readonly lastSeen = new Map<string, number>();
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(names: readonly string[], parts: ClientParts) {
    this.clients = names.map((name) => new Client(name, { ...parts, random: parts.random.fork() }));
    this.pool = new KeyPool(parts.random.fork(), keysAtATime);
  }

  start(): void {
    this.running = Promise.all(this.clients.map((client) => this.run(client)));
  }

  /** Lets every client end what it is about, then reads each key once more through each client. */
  async finish(): Promise<void> {
    await this.stop();
    for (const client of this.clients) {
      for (const key of this.pool.keys) {
        await readKey(client, key, 'consistent');
      }
    }
    this.close();
  }

  /** Resolves when no request is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  close(): void {
    for (const client of this.clients) {
      client.close();
    }
  }

  private async run(client: Client): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.step(client);
      await client.think(thinkMs);
    }
  }

  private async step(client: Client): Promise<void> {
    const act = pickWeighted(client.parts.random, [
      [28, () => this.read(client, 'consistent')],
      [10, () => this.read(client, 'default')],
      [10, () => this.read(client, 'stale')],
      [2, () => listKeys(client, this.pool.keys, 'consistent')],
      [24, () => this.write(client, 'put', {})],
      [8, () => this.write(client, 'put', null)],
      [3, () => this.write(client, 'put', { ifNoneMatch: '*' })],
      [5, () => this.write(client, 'delete', {})],
      [2, () => this.write(client, 'delete', null)],
      [8, () => this.writeMany(client)],
    ] as const);
    await act();
  }

  private async read(client: Client, level: Level): Promise<void> {
    const { key, done } = this.pool.read();
    const revision = await readKey(client, key, level);
    this.note(key, revision);
    done(false);
  }

  /** @param condition - Null: the revision that was seen last, or that the key is not there. */
  private async write(client: Client, op: 'put' | 'delete', condition: WriteCondition | null): Promise<void> {
    const { key, done } = this.pool.write();
    const seen = this.lastSeen.get(key);
    const expected: WriteCondition = seen === undefined ? { ifNoneMatch: '*' } : { ifMatch: seen };
    const chosen = condition ?? (op === 'delete' && seen === undefined ? { ifMatch: '*' } : expected);
    const change = op === 'put' ? putKey : deleteKey;
    const end = await change(client, { key, condition: chosen }, this.manner(client));
    this.note(key, op === 'put' || end.outcome === 'refused' ? end.revision : null);
    done(end.outcome === 'unknown');
  }

  private async writeMany(client: Client): Promise<void> {
    const uses = this.pool.writeMany(client.parts.random.between({ from: 1, until: 4 }));
    const end: WriteEnd = await putKeys(
      client,
      uses.map(({ key }) => key),
      this.manner(client),
    );
    for (const { key, done } of uses) {
      this.note(key, end.revision);
      done(end.outcome === 'unknown');
    }
  }

  private manner({ parts: { random } }: Client): WriteManner {
    return {
      isRepeatable: random.chance(0.6),
      paddingBytes: random.chance(0.03) ? random.between({ from: 1000, until: 60_000 }) : 0,
    };
  }

  private note(key: string, revision: number | null): void {
    if (revision !== null) {
      this.lastSeen.set(key, Math.max(revision, this.lastSeen.get(key) ?? 0));
    }
  }
}

import { Agent, request } from 'node:http';
import type { Span } from './recording.js';
import { sendUntilTaken } from './suite/block.js';

/** Keys in one request that fills the node. */
const KEYS_PER_FILL = 1000;
const FILLS_AT_ONCE = 4;
/** Bytes of a value, its quotes included. */
const VALUE_BYTES = 256;

/** One write and its answer. */
export type Answered = Span;

/** Writes `keys` keys of 256-byte values. @throws Error when one request fails. */
export async function fillKeys(url: string, keys: number): Promise<void> {
  let next = 0;
  const filler = async (): Promise<void> => {
    while (next < keys) {
      const from = next;
      next = Math.min(keys, next + KEYS_PER_FILL);
      const members = Array.from({ length: next - from }, (_, place) => {
        const key = keyOf(from + place);
        return `${JSON.stringify(key)}:${valueOf(from + place, 'first')}`;
      });
      await sendUntilTaken(url, { method: 'POST', path: '/key', body: `{${members.join(',')}}` });
    }
  };
  await Promise.all(Array.from({ length: FILLS_AT_ONCE }, filler));
}

/** Clients that overwrite keys of a filled node, drawn at random, each as fast as it is answered. */
export class Overwriters {
  readonly answered: Answered[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly clients: Promise<void>[];
  private isStopping = false;

  constructor(url: string, { clients, keys }: { readonly clients: number; readonly keys: number }) {
    this.clients = Array.from({ length: clients }, () => this.write(url, keys));
  }

  /** Rejects when a write fails. */
  get failed(): Promise<never> {
    return Promise.all(this.clients).then(() => new Promise<never>(() => undefined));
  }

  /** Waits for the answers that are due. @throws Error when a write failed. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.clients);
    this.agent.destroy();
  }

  private async write(url: string, keys: number): Promise<void> {
    for (let turn = 0; !this.isStopping; turn += 1) {
      const number = Math.floor(Math.random() * keys);
      const startMs = performance.timeOrigin + performance.now();
      const body = valueOf(number, String(turn));
      await send(this.agent, { url: `${url}/key/${keyOf(number)}`, method: 'PUT', body });
      this.answered.push({ startMs, endMs: performance.timeOrigin + performance.now() });
    }
  }
}

/** Keys in no order of time: numbers are spread over the key space by a multiplication that loses nothing. */
export function keyOf(number: number): string {
  const spread = Math.imul(number, 0x9e3779b1) >>> 0;
  return `bench/${spread.toString(16).padStart(8, '0')}`;
}

function valueOf(number: number, mark: string): string {
  return JSON.stringify(`${number}/${mark}`.padEnd(VALUE_BYTES - 2, '.'));
}

function send(
  agent: Agent,
  call: { readonly url: string; readonly method: string; readonly body: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { url, method, body } = call;
    const sent = request(url, { method, agent, headers: { 'content-length': Buffer.byteLength(body) } }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 200) {
          resolve();
        } else {
          reject(new Error(`${method} ${url} answered ${String(answer.statusCode)}`));
        }
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

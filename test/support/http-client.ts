import { inJobs } from './in-jobs.js';
import type { NodeProcess } from './node-process.js';

/** What an attempt to write came to: `unknown` may or may not have happened, `refused` certainly did not. */
export type WriteOutcome = 'acknowledged' | 'refused' | 'unknown';

/** Writes one key and says what is known about it; never throws. */
export async function tryPut(node: NodeProcess, key: string, value: string): Promise<WriteOutcome> {
  try {
    const { status } = await node.json(`/key/${key}?timeout=3s`, { method: 'PUT', body: JSON.stringify(value) });
    if (status === 200) {
      return 'acknowledged';
    }
    return status === 503 ? 'refused' : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The value of a key at a level, undefined where there is none. @throws when the node answers anything else. */
export async function read(node: NodeProcess, key: string, level: string): Promise<unknown> {
  const { status, body } = await node.json(`/key/${key}?level=${level}`);
  if (status === 404) {
    return undefined;
  }
  if (status !== 200) {
    throw new Error(`${node.id} answers ${status}: ${JSON.stringify(body)}`);
  }
  return (body as Record<string, unknown>)[key];
}

/** Requests of {@link readAll} at a time. */
const readsAtOnce = 16;

/** The values of keys, in their order. */
export function readAll(node: NodeProcess, keys: readonly string[], level: string): Promise<unknown[]> {
  return inJobs(keys, readsAtOnce, (key) => read(node, key, level));
}

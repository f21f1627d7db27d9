import { Random } from '../../../src/lib/random.js';
import type { BenchRequest, Dialect, ReadLevel } from './requests.js';
import { ZipfDraw } from './zipf.js';

/** Requests that are made before a block and sent in turn. */
const REQUESTS = 8192;
/** Keys of a workload, and bytes of their requests at most: large values have fewer keys. */
const KEYS = 10_000;
const BYTES_MAX = 32 * 1024 * 1024;
const ZIPF_KEYS = 100_000;
const ZIPF_EXPONENT = 0.99;
const KEYS_PER_POST = 100;

/** Where requests go: to the leader, to one follower, or to all nodes alike. */
export type Aim = 'leader' | 'follower' | 'all';

export interface Workload {
  /** Unique; what `--only` compares its beginning with. */
  readonly name: string;
  /** Group for `--only`. */
  readonly group: 'put' | 'get' | 'values' | 'many' | 'mixed';
  readonly clients: number;
  readonly aim: Aim;
  /** Keys that one request writes. */
  readonly keysPerRequest: number;
  /** Requests in a drawn order; null where the store has no such thing. */
  requests(dialect: Dialect): BenchRequest[] | null;
  /** Keys that must be stored before, each with a value of 256 bytes. */
  readonly filledKeys: number;
}

export function allWorkloads(): Workload[] {
  const clientCounts = [1, 16, 64, 256];
  return [
    ...clientCounts.map((clients) => put(`PUT, ${count(clients)}`, { clients })),
    put('PUT, 64 clients, all nodes', { clients: 64, aim: 'all' }),
    ...clientCounts.map((clients) => get(`GET consistent, ${count(clients)}`, { clients, level: 'consistent' })),
    get('GET consistent, 64 clients, a follower', { clients: 64, level: 'consistent', aim: 'follower' }),
    get('GET consistent, 64 clients, all nodes', { clients: 64, level: 'consistent', aim: 'all' }),
    get('GET default, 64 clients', { clients: 64, level: 'default' }),
    get('GET stale, 64 clients', { clients: 64, level: 'stale' }),
    put('PUT of 16 B, 64 clients', { clients: 64, valueBytes: 16, group: 'values' }),
    put('PUT of 16 KB, 64 clients', { clients: 64, valueBytes: 16 * 1024, group: 'values' }),
    put('PUT of 128 KB, 16 clients', { clients: 16, valueBytes: 128 * 1024, group: 'values' }),
    putMany(`POST of ${KEYS_PER_POST} keys, 64 clients`, 64),
    mixed('50 % PUT, 50 % GET, Zipf, 64 clients', 0.5),
    mixed('5 % PUT, 95 % GET, Zipf, 64 clients', 0.05),
  ];
}

/** @throws Error when there is none of this name. */
export function workloadNamed(name: string): Workload {
  const found = allWorkloads().find((workload) => workload.name === name);
  if (found === undefined) {
    throw new Error(`there is no workload "${name}"`);
  }
  return found;
}

/** Writes over the first `keys` keys, drawn anew for each request of a long list. */
export function overwrites(dialect: Dialect, keys: number): BenchRequest[] {
  const requests = drawn(16 * REQUESTS, (random) => {
    const key = random.between({ from: 0, until: keys });
    return dialect.put(keyOf(key), valueOf(key, 256));
  });
  return requests ?? [];
}

/** Over `keys` keys with values of `valueBytes` that are there already: writes, and consistent reads. */
export function sizedWorkloads({ clients, keys, valueBytes }: Sized): readonly [put: Workload, get: Workload] {
  const length = Math.min(4 * REQUESTS, Math.floor(BYTES_MAX / valueBytes));
  const of = (name: string, request: (dialect: Dialect, key: number) => BenchRequest | null): Workload => ({
    ...put(name, { clients }),
    requests: (dialect) => drawn(length, (random) => request(dialect, random.between({ from: 0, until: keys }))),
  });
  return [
    of('PUT', (dialect, key) => dialect.put(keyOf(key), valueOf(key, valueBytes))),
    of('GET consistent', (dialect, key) => dialect.get(keyOf(key), 'consistent')),
  ];
}

interface Sized {
  readonly clients: number;
  readonly keys: number;
  readonly valueBytes: number;
}

interface Shape {
  readonly clients: number;
  readonly aim?: Aim;
  readonly valueBytes?: number;
  readonly group?: Workload['group'];
}

function put(name: string, { clients, aim = 'leader', valueBytes = 256, group = 'put' }: Shape): Workload {
  const keys = Math.min(KEYS, Math.floor(BYTES_MAX / valueBytes));
  return {
    name,
    group,
    clients,
    aim,
    keysPerRequest: 1,
    requests: (dialect) =>
      drawn(Math.min(REQUESTS, keys), (random) => {
        const key = random.between({ from: 0, until: keys });
        return dialect.put(keyOf(key), valueOf(key, valueBytes));
      }),
    filledKeys: 0,
  };
}

function get(name: string, { clients, level, aim = 'leader' }: Shape & { readonly level: ReadLevel }): Workload {
  return {
    name,
    group: 'get',
    clients,
    aim,
    keysPerRequest: 1,
    requests: (dialect) =>
      drawn(REQUESTS, (random) => dialect.get(keyOf(random.between({ from: 0, until: KEYS })), level)),
    filledKeys: KEYS,
  };
}

function putMany(name: string, clients: number): Workload {
  return {
    name,
    group: 'many',
    clients,
    aim: 'leader',
    keysPerRequest: KEYS_PER_POST,
    requests: (dialect) =>
      drawn(REQUESTS / KEYS_PER_POST, (random) => {
        const first = random.between({ from: 0, until: KEYS });
        const keys = Array.from({ length: KEYS_PER_POST }, (_, place) => (first + place) % KEYS);
        return dialect.putMany(keys.map((key) => [keyOf(key), valueOf(key, 256)] as const));
      }),
    filledKeys: 0,
  };
}

/** Reads are consistent. */
function mixed(name: string, putPart: number): Workload {
  const zipf = new ZipfDraw(ZIPF_KEYS, ZIPF_EXPONENT);
  return {
    name,
    group: 'mixed',
    clients: 64,
    aim: 'leader',
    keysPerRequest: 1,
    requests: (dialect) =>
      drawn(4 * REQUESTS, (random) => {
        const key = zipf.next(random);
        return random.chance(putPart)
          ? dialect.put(keyOf(key), valueOf(key, 256))
          : dialect.get(keyOf(key), 'consistent');
      }),
    filledKeys: ZIPF_KEYS,
  };
}

/** The same requests in every run. */
function drawn(length: number, draw: (random: Random) => BenchRequest | null): BenchRequest[] | null {
  const random = new Random(1);
  const requests = Array.from({ length: Math.ceil(length) }, () => draw(random)).filter((request) => request !== null);
  return requests.length === 0 ? null : requests;
}

/** The name of a key. */
export function keyOf(number: number): string {
  return `bench-${String(number).padStart(8, '0')}`;
}

/** Text whose JSON form takes `bytes`, different from key to key. */
export function valueOf(number: number, bytes: number): string {
  return String(number)
    .padEnd(bytes - 2, '.')
    .slice(0, bytes - 2);
}

function count(clients: number): string {
  return clients === 1 ? '1 client' : `${clients} clients`;
}

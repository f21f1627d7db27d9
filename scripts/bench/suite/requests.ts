/** One request of a workload, as a generator sends it. */
export interface BenchRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body: string | null;
}

export type ReadLevel = 'stale' | 'default' | 'consistent';

/** How a store is asked over HTTP for the same things; null: it has no such thing. */
export interface Dialect {
  put(key: string, value: string): BenchRequest;
  get(key: string, level: ReadLevel): BenchRequest | null;
  /** All keys in one atomic step. */
  putMany(entries: readonly (readonly [key: string, value: string])[]): BenchRequest | null;
}

export const raftdbDialect: Dialect = {
  put: (key, value) => ({ method: 'PUT', path: `/key/${key}`, body: JSON.stringify(value) }),
  get: (key, level) => ({ method: 'GET', path: `/key/${key}?level=${level}`, body: null }),
  putMany: (entries) => ({ method: 'POST', path: '/key', body: JSON.stringify(Object.fromEntries(entries)) }),
};

/** The JSON gateway of etcd 3.4 and later. A stale read is a serializable one; there is nothing like `default`. */
export const etcdDialect: Dialect = {
  put: (key, value) => etcdRequest('/v3/kv/put', etcdPut(key, value)),
  get: (key, level) =>
    level === 'default'
      ? null
      : etcdRequest('/v3/kv/range', { key: base64(key), ...(level === 'stale' ? { serializable: true } : {}) }),
  putMany: (entries) =>
    etcdRequest('/v3/kv/txn', { success: entries.map(([key, value]) => ({ requestPut: etcdPut(key, value) })) }),
};

/** A server that only keeps bodies by path: every read is of one kind. */
export const bareDialect: Dialect = {
  put: (key, value) => ({ method: 'PUT', path: `/key/${key}`, body: JSON.stringify(value) }),
  get: (key) => ({ method: 'GET', path: `/key/${key}`, body: null }),
  putMany: () => null,
};

/** The bytes of a request, as text. @param host - With its port. */
export function rawRequest(host: string, { method, path, body }: BenchRequest): string {
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  const described =
    body === null ? head : [...head, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  return `${described.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** The bytes of requests to the server of `url`. */
export function rawRequests(url: string, requests: readonly BenchRequest[]): Buffer[] {
  const { host } = new URL(url);
  return requests.map((request) => Buffer.from(rawRequest(host, request)));
}

function etcdRequest(path: string, body: object): BenchRequest {
  return { method: 'POST', path, body: JSON.stringify(body) };
}

function etcdPut(key: string, value: string): { key: string; value: string } {
  return { key: base64(key), value: base64(value) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

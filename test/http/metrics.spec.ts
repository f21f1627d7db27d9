import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpAdapter } from '../../src/http/http-adapter.js';
import { assert } from '../../src/lib/assert.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { observeHttp } from '../../src/metrics/observe-http.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { listenOnLoopback } from '../support/raw-http.js';

let http: HttpHarness;

beforeEach(async () => {
  http = await startHttp({}, undefined, (app) => {
    const adapter = app.getHttpAdapter();
    assert(adapter instanceof HttpAdapter, 'the application is created with createHttpAdapter');
    observeHttp(adapter, app.get(Metrics));
  });
});

afterEach(async () => {
  await http.close();
});

/** The samples whose line begins so. */
async function samples(prefix: string): Promise<string[]> {
  const { body } = await http.app.inject('/metrics');
  return body.split('\n').filter((line) => line.startsWith(prefix));
}

describe('GET /metrics', () => {
  it('is the text format of Prometheus, and takes no parameters', async () => {
    const answer = await http.app.inject('/metrics');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.body).toContain('# TYPE raftdb_proposal_duration_seconds histogram');
    expect((await http.app.inject('/metrics?x=1')).statusCode).toBe(400);
  });

  it('counts a write that was refused before it was looked at', async () => {
    const port = await listenOnLoopback(http.app);
    http.raft.isFull = true;
    await fetch(`http://127.0.0.1:${port}/key/a`, { method: 'PUT', body: '1' });
    expect(await samples('raftdb_http_request_duration_seconds_count')).toEqual([
      'raftdb_http_request_duration_seconds_count{method="PUT",route="/key/*",status="503"} 1',
    ]);
    expect(http.raft.refusals).toBe(1);
  });

  it('counts answers by method, route and status, and repeats no path that a client made up', async () => {
    await http.app.inject({ method: 'PUT', url: '/key/app/a', payload: '1' });
    await http.app.inject('/key/app/a');
    await http.app.inject('/key/none');
    await http.app.inject('/made-up/by-a-client');
    const counts = await samples('raftdb_http_request_duration_seconds_count');
    expect(counts).toEqual(
      expect.arrayContaining([
        'raftdb_http_request_duration_seconds_count{method="PUT",route="/key/*",status="200"} 1',
        'raftdb_http_request_duration_seconds_count{method="GET",route="/key/*",status="200"} 1',
        'raftdb_http_request_duration_seconds_count{method="GET",route="/key/*",status="404"} 1',
      ]),
    );
    expect(counts.join('\n')).not.toContain('made-up');
  });

  it('counts a request that is refused by its headers with its route', async () => {
    await http.app.inject({ method: 'PUT', url: '/key/a', payload: '1', headers: { 'content-encoding': 'gzip' } });
    expect(await samples('raftdb_http_request_duration_seconds_count')).toEqual([
      'raftdb_http_request_duration_seconds_count{method="PUT",route="/key/*",status="415"} 1',
    ]);
  });

  it('counts what the framework answers by itself, and what is made while it is sent', async () => {
    await http.app.inject('/docs/');
    await http.app.inject('/backup');
    const counts = await samples('raftdb_http_request_duration_seconds_count');
    expect(counts).toEqual([
      'raftdb_http_request_duration_seconds_count{method="GET",route="/docs/",status="200"} 1',
      'raftdb_http_request_duration_seconds_count{method="GET",route="/backup",status="200"} 1',
    ]);
  });

  it('shows the size of the store', async () => {
    await http.app.inject({ method: 'PUT', url: '/key/a', payload: '1' });
    expect(await samples('raftdb_store_keys')).toEqual(['raftdb_store_keys 1']);
  });
});

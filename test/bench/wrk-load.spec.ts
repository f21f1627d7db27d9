import { describe, expect, it } from '@jest/globals';
import { resultIn } from '../../scripts/bench/suite/wrk-load.js';

const url = 'http://127.0.0.1:1';

function printed(summary: string): string {
  return [
    'Running 2s test @ http://127.0.0.1:1',
    '  1 threads and 64 connections',
    '  Thread Stats   Avg      Stdev     Max   +/- Stdev',
    '    Latency     8.11ms    3.02ms  41.00ms   81.30%',
    'Requests/sec:   7812.60',
    summary,
    '',
  ].join('\n');
}

describe('resultIn', () => {
  it('reads the line of our script, in microseconds, among those of wrk', () => {
    const output = printed('{"requests":15637,"duration":2001500,"errors":0,"p50":7400,"p99":21345}');
    expect(resultIn(output, url)).toEqual({ requests: 15637, seconds: 2.0015, p50Ms: 7.4, p99Ms: 21.345 });
  });

  it.each([
    ['one answer was not 2xx', '{"requests":10,"duration":2000000,"errors":1,"p50":1,"p99":2}', '1 failed'],
    ['nothing was answered', '{"requests":0,"duration":2000000,"errors":0,"p50":0,"p99":0}', 'of 0 requests'],
    ['the script said nothing', 'unable to connect to 127.0.0.1:1', 'unable to connect'],
  ])('fails where %s', (_what, line, message) => {
    expect(() => resultIn(printed(line), url)).toThrow(message);
  });
});

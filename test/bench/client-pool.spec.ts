import { describe, expect, it } from '@jest/globals';
import { answerIn } from '../../scripts/bench/suite/client-pool.js';

const whole =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy';

describe('answerIn', () => {
  it('reads status, Retry-After and whether the connection ends', () => {
    expect(answerIn(whole)).toEqual({ status: 503, retryAfter: 2, closes: true });
    expect(answerIn('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')).toEqual({
      status: 200,
      retryAfter: null,
      closes: false,
    });
  });

  it('waits for the last byte', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(answerIn(whole.slice(0, length))).toBeNull();
    }
  });

  it('refuses an answer of unknown length', () => {
    expect(() => answerIn('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')).toThrow('does not say its length');
  });
});

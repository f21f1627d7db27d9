import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { printable, QuietLog } from './quiet-log.js';

let lines: string[];
let log: QuietLog;

beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  const logger = new Logger('test');
  jest.spyOn(logger, 'warn').mockImplementation((line: unknown) => lines.push(String(line)));
  log = new QuietLog(logger, 1000);
});

afterEach(() => {
  jest.useRealTimers();
});

describe('QuietLog', () => {
  it('writes one line of a kind in its interval and then tells how many it left out', () => {
    log.warn('kind', 'it happened');
    log.warn('kind', 'it happened');
    log.warn('kind', 'it happened');
    log.warn('other', 'something else');
    expect(lines).toEqual(['it happened', 'something else']);

    jest.advanceTimersByTime(1000);
    log.warn('kind', 'it happened');
    expect(lines.at(-1)).toBe('it happened (and 2 times since the last line)');
  });

  it('keeps lines short', () => {
    log.warn('kind', 'x'.repeat(5000));

    expect(lines[0]?.length).toBeLessThan(1024);
  });
});

describe('printable', () => {
  it('shows a name as it is, and nothing that could pass for another line or a command of the terminal', () => {
    expect(printable('node-01')).toBe('"node-01"');
    expect(printable('a"b\\c\n\u001b[31m\u202eé')).toBe('"a?b?c??[31m??"');
    expect(printable('x'.repeat(100))).toBe(`"${'x'.repeat(64)}..."`);
  });
});

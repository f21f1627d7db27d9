import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { WaitLog } from './wait-log.js';

let lines: string[];
let waits: WaitLog;

beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  waits = new WaitLog({
    log: (line: unknown) => lines.push(`info ${String(line)}`),
    warn: (line: unknown) => lines.push(`warn ${String(line)}`),
  });
});

afterEach(() => {
  jest.useRealTimers();
});

it('says once for each place what is waited for, and again when that changes', () => {
  waits.note('a', 'a is away');
  waits.note('b', 'b is away');
  waits.note('a', 'a is away');
  waits.note('a', 'a starts');
  expect(lines).toEqual(['info a is away', 'info b is away', 'info a starts']);
});

it('warns of what is still waited for after ten seconds, once', () => {
  waits.note('a', 'a is away');
  jest.advanceTimersByTime(9999);
  waits.note('a', 'a is away');
  expect(lines).toEqual(['info a is away']);
  jest.advanceTimersByTime(1);
  waits.note('a', 'a is away');
  waits.note('a', 'a is away');
  expect(lines).toEqual(['info a is away', 'warn a is away']);
});

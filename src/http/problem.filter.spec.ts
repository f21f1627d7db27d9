import type { ArgumentsHost } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { InvariantViolation } from '../lib/assert.js';
import { Answering } from './answering.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';

interface Sent {
  status: number;
  headers: readonly string[];
  body: string;
}

/** Hands `exception` to the filter as Nest does; null where nothing was answered. */
function answerTo(exception: unknown, state: { isGone?: boolean } = {}): Sent | null {
  const request = { id: 'request-1', method: 'GET', url: '/key/private', routeOptions: { url: '/key/*' } };
  const sent: Sent = { status: 0, headers: [], body: '' };
  const raw = {
    destroyed: state.isGone === true,
    writeHead: (status: number, headers: readonly string[]) => Object.assign(sent, { status, headers }),
    end: (body: string) => (sent.body = body),
  };
  const reply = { sent: false, raw, request, server: { answering: new Answering() } };
  const http = { getRequest: () => request, getResponse: () => reply };
  new ProblemFilter(new RouteTable()).catch(exception, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return sent.status === 0 ? null : sent;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a failure of the node', () => {
  test('is logged with its place, in under 1 KiB, and not with what the client sent', () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const error = new Error(`${'sent by a client '.repeat(100)}\r\n[fake] log line`);
    expect(answerTo(error)).toMatchObject({ status: 500 });
    const line = String(log.mock.calls[0]?.[0]);
    expect(line).toMatch(/^GET \/key\/\* failed \(request-1\): Error: sent by a client/);
    expect(line).toContain('problem.filter.spec');
    expect(line).not.toMatch(/private|fake/);
    expect(line.length).toBeLessThan(1000);
  });

  test('that breaks an invariant is answered and then stops the process', () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const later = jest.spyOn(globalThis, 'setImmediate').mockImplementation((() => undefined) as never);
    const violation = new InvariantViolation('next follows match');
    expect(answerTo(violation)).toMatchObject({ status: 500 });
    const thrower = later.mock.calls[0]?.[0] as () => void;
    expect(thrower).toThrow(violation);
  });

  test('is not told to a client that went away, nor logged', () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    expect(answerTo(new Error('aborted'), { isGone: true })).toBeNull();
    expect(log).not.toHaveBeenCalled();
  });

  test('may be thrown as anything', () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    for (const thrown of [undefined, null, 'text', { code: 1 }]) {
      expect(answerTo(thrown)).toMatchObject({ status: 500 });
    }
  });
});

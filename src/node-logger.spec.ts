import { afterEach, expect, it, jest } from '@jest/globals';
import { createLogger } from './node-logger.js';

let printed = '';

function logger(logFormat: 'auto' | 'json' | 'pretty'): ReturnType<typeof createLogger> {
  printed = '';
  const take = (text: unknown): boolean => {
    printed += String(text);
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(take);
  jest.spyOn(process.stderr, 'write').mockImplementation(take);
  return createLogger({ id: 'node02', logFormat, logLevel: 'info' });
}

afterEach(() => {
  jest.restoreAllMocks();
});

it('a line of JSON says which node it is of, when, and how important it is', () => {
  const log = logger('json');
  log.log('it leads', 'Cluster');
  log.warn('it waits', 'Cluster');
  log.debug('not shown', 'Cluster');
  const lines = printed.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: 'info',
      nodeId: 'node02',
      pid: process.pid,
      timestamp: expect.any(Number),
      message: 'it leads',
      context: 'Cluster',
    },
    expect.objectContaining({ level: 'warn', nodeId: 'node02', message: 'it waits' }),
  ]);
});

it('a line for people says it too, without colours where nobody looks', () => {
  logger('pretty').log('it leads', 'Cluster');
  expect(printed).toMatch(/^\[node02\] .* LOG \[Cluster\] it leads\n$/);
});

it('what Nest says of itself at every start is left out', () => {
  logger('json').log('RaftModule dependencies initialized', 'InstanceLoader');
  expect(printed).toBe('');
});

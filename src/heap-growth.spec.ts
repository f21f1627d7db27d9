import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { HEAP_GROWTH_FLAG } from './heap-growth.js';

it('the flag is one that this version of V8 knows: it says so of others, and goes on', async () => {
  const set = 'v8.setFlagsFromString(process.argv[1])';
  const run = (flag: string): Promise<{ stderr: string }> =>
    promisify(execFile)(process.execPath, ['-e', set, '--', flag]);
  expect((await run('--no-such-flag')).stderr).toContain('unrecognized flag');
  expect((await run(HEAP_GROWTH_FLAG)).stderr).toBe('');
});
